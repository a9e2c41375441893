CREATE TABLE public.conversation_threads (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    thread_id text NOT NULL,
    user_id text,
    conversation_data jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    accessed_at timestamp with time zone DEFAULT now(),
    expires_at timestamp with time zone NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb
);

COPY public.conversation_threads (id, thread_id, user_id, conversation_data, created_at, accessed_at, expires_at, metadata) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f101	thread:0b7c9a52-3a41-4c55-9d0c-7f1e5a2b6c01	ada	{"thread_id": "0b7c9a52-3a41-4c55-9d0c-7f1e5a2b6c01", "turns": [{"role": "user", "files": ["C:\\\\feeder\\\\plan.md"], "images": null, "content": "Does the plan hold?\\nIt is in C:\\\\feeder.", "timestamp": "2025-10-16T05:25:49.700001+00:00", "tool_name": null, "model_name": null, "model_provider": null, "model_metadata": null}, {"role": "assistant", "files": null, "images": null, "content": "It holds, but for the \\"rain\\" part.", "timestamp": "2025-10-16T05:26:01+00:00", "tool_name": "chat", "model_name": "glm-4.6", "model_provider": "glm", "model_metadata": {"usage": {"prompt_tokens": 31, "completion_tokens": 11}}}], "tool_name": "chat", "created_at": "2025-10-16T05:25:49.699107+00:00", "initial_context": {"prompt": "Does the plan hold?"}, "last_updated_at": "2025-10-16T05:26:01+00:00", "parent_thread_id": null}	2025-10-16 05:25:49.699107+00	2025-10-16 05:26:01+00	2025-10-16 08:26:01+00	{"ttl_hours": 3}
\.
