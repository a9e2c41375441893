-- The later tables as a live database may have them, in a schema of their own: with constraints, partitions, an enum and
-- a column that the product did not have. Most stand in the schema public; what they become is the same.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS later CASCADE;
CREATE SCHEMA later;
CREATE TYPE later.message_role AS ENUM ('user', 'assistant', 'system');
CREATE TABLE later.conversations (
  id uuid PRIMARY KEY,
  continuation_id text UNIQUE NOT NULL,
  title text,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
CREATE TABLE later.messages (
  id uuid NOT NULL,
  conversation_id uuid REFERENCES later.conversations ON DELETE CASCADE,
  role later.message_role NOT NULL,
  content text NOT NULL,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  idempotency_key text,
  reviewed boolean
) PARTITION BY HASH (id);
CREATE TABLE later.messages_0 PARTITION OF later.messages FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE later.messages_1 PARTITION OF later.messages FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE later.conversation_threads (
  id uuid PRIMARY KEY,
  thread_id text UNIQUE,
  user_id text,
  conversation_data jsonb NOT NULL,
  created_at timestamptz,
  expires_at timestamptz NOT NULL
);
CREATE TABLE later.message_bus (
  transaction_id varchar UNIQUE,
  session_id varchar,
  tool_name varchar,
  provider_name varchar,
  payload jsonb,
  compression_type varchar,
  status varchar,
  created_at timestamptz
);

INSERT INTO later.conversations VALUES
  ('5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f401', '8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e41', 'Conversation 8c6c3b52',
    '{"tool_name": "chat"}', '2025-10-24 09:00:00.5Z', '2025-10-24 09:05:00Z'),
  ('5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f402', '8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e42', NULL,
    '{}', '2025-10-24 10:00:00Z', '2025-10-24 10:00:00Z');
-- An answer that two writers wrote 80 ms apart, and what a user said twice.
INSERT INTO later.messages VALUES
  ('7e1a0000-0000-4000-8000-000000000401', '5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f401', 'user',
    'How high should the box hang?', '{"tool_name": "chat"}', '2025-10-24 09:00:00.5Z', 'k1', true),
  ('7e1a0000-0000-4000-8000-000000000402', '5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f401', 'assistant',
    E'Two metres,\nout of reach of cats.', '{"tool_name": "chat", "model_metadata": {"model_name": "k2",
    "model_provider": "KIMI"}}', '2025-10-24 09:00:07.25Z', 'k2', NULL),
  ('7e1a0000-0000-4000-8000-000000000403', '5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f401', 'assistant',
    E'Two metres,\nout of reach of cats.', '{"tool_name": "chat", "model_used": "k2", "provider_used": "KIMI",
    "token_usage": {"input_tokens": 9, "output_tokens": 8}}', '2025-10-24 09:00:07.33Z', 'k3', NULL),
  ('7e1a0000-0000-4000-8000-000000000404', '5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f402', 'user',
    'Ready.', '{}', '2025-10-24 10:00:00Z', NULL, NULL),
  ('7e1a0000-0000-4000-8000-000000000405', '5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f402', 'user',
    'Ready.', '{}', '2025-10-24 10:00:19.7Z', NULL, false);
INSERT INTO later.conversation_threads VALUES
  ('5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f411', 'thread:8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e43', NULL,
    '{"thread_id": "8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e43", "created_at": "2025-10-16T05:25:49.699107+00:00",
      "last_updated_at": "2025-10-16T05:26:01+00:00", "tool_name": "chat", "turns": [
        {"role": "user", "content": "Which wood lasts?", "timestamp": "2025-10-16T05:25:49.700001+00:00"},
        {"role": "assistant", "content": "Larch.", "timestamp": "2025-10-16T05:26:01+00:00",
          "model_name": "k2", "model_provider": "kimi"}]}',
    '2025-10-16 05:25:49.699107Z', '2025-10-16 08:25:49.699107Z');
INSERT INTO later.message_bus VALUES
  ('txn_0401', 'conn-4', 'chat', 'KIMI', '{"content": "A long answer.",
    "continuation_id": "8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e44"}', 'none', 'complete', '2025-10-24 09:03:00Z');
