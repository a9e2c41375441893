-- A legacy conversations table as it may be found: cut by months, ids unique in a month only, a thread's id in the
-- metadata of some rows. The column embedding is text here; it is a vector where pgvector is installed.
DROP TABLE IF EXISTS conversations;
CREATE TABLE conversations (
  id bigint NOT NULL,
  user_id text NOT NULL,
  created_at timestamptz DEFAULT now(),
  direction text NOT NULL,
  text text,
  tokens_in integer DEFAULT 0,
  tokens_out integer DEFAULT 0,
  cost numeric DEFAULT 0,
  latency_ms integer DEFAULT 0,
  embedding text,
  meta jsonb DEFAULT '{}',
  PRIMARY KEY (id, created_at, user_id)
) PARTITION BY RANGE (created_at);
CREATE TABLE conversations_2025_09 PARTITION OF conversations
  FOR VALUES FROM ('2025-09-01 00:00Z') TO ('2025-10-01 00:00Z');
CREATE TABLE conversations_2025_10 PARTITION OF conversations
  FOR VALUES FROM ('2025-10-01 00:00Z') TO ('2025-11-01 00:00Z');

-- A conversation over midnight at a month's end: two partitions, one session, and twice the id 1.
INSERT INTO conversations (id, user_id, created_at, direction, text) VALUES
  (1, 'mira', '2025-09-30 23:52:10.25Z', 'user', 'Which seeds do finches like best?'),
  (1, 'mira', '2025-10-01 00:03:00Z', 'user', 'And in winter?');
INSERT INTO conversations VALUES
  (2, 'mira', '2025-09-30 23:52:14.5Z', 'assistant', 'Sunflower hearts and nyjer seed.',
    11, 9, 0.000184, 1840, '[0.12,-0.5,0.25]', '{"model_used": "kimi-k2", "provider_used": "KIMI"}'),
  (2, 'mira', '2025-10-01 00:03:07Z', 'assistant', 'The same, with some suet beside it.',
    31, 10, 0.000302, 2210, '[0.5,0.125,-1]', '{"model_used": "kimi-k2", "temperature": 0.3}');
-- The next morning is another session of the same user.
INSERT INTO conversations (id, user_id, created_at, direction, text) VALUES
  (3, 'mira', '2025-10-01 07:30:00Z', 'user', 'How often should the feeder be cleaned?'),
  (4, 'mira', '2025-10-01 07:30:06Z', 'assistant', 'Every two weeks, with hot water.');
-- Days apart, and one session by its name; the rows of the two users come by turns.
INSERT INTO conversations (id, user_id, created_at, direction, text, meta) VALUES
  (5, 'jonas', '2025-10-01 07:30:02Z', 'user', 'Draft a sign for the garden gate.',
    '{"continuation_id": "7c1f5d7a-5f0e-4b64-9a35-0e2f0a5c9d11"}'),
  (6, 'jonas', '2025-10-01 07:30:09Z', 'assistant', 'Please close the gate: birds are nesting.',
    '{"continuation_id": "7c1f5d7a-5f0e-4b64-9a35-0e2f0a5c9d11", "tool_name": "chat"}'),
  (7, 'jonas', '2025-10-04 18:00:00Z', 'user', 'Shorter, please.',
    '{"thread_id": "7c1f5d7a-5f0e-4b64-9a35-0e2f0a5c9d11", "client": "web"}');
