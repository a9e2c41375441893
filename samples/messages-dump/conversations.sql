--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

CREATE TYPE public.message_role AS ENUM (
    'user',
    'assistant',
    'system'
);

CREATE TABLE public.conversations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    continuation_id text NOT NULL,
    title text,
    metadata jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

CREATE TABLE public.messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid,
    role public.message_role NOT NULL,
    content text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now(),
    CONSTRAINT messages_pkey CHECK ((id IS NOT NULL))
);

COPY public.conversations (id, continuation_id, title, metadata, created_at, updated_at) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f001	8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e01	Conversation 8c6c3b52	{"tool_name": "chat"}	2025-10-24 09:00:00.5+00	2025-10-24 09:05:00+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f002	8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e02	\N	{"tool_name": "debug", "created_via": "edge_function"}	2025-10-24 10:00:00+00	2025-10-24 10:00:00+00
\.

COPY public.messages (id, conversation_id, role, content, metadata, created_at) FROM stdin;
7e1a0000-0000-4000-8000-000000000003	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f002	user	Why does the feeder stop?\nIt worked\tyesterday: C:\\feeder\\run.py	{}	2025-10-24 10:00:00+00
7e1a0000-0000-4000-8000-000000000002	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f001	assistant	Sixty grams a day, in two portions.	{"file_ids": [], "tool_name": "chat", "model_used": "k2", "provider_used": "KIMI", "token_usage": {"input_tokens": 12, "output_tokens": 9}, "response_time_ms": 2238.565}	2025-10-24 09:00:12.14452+00
7e1a0000-0000-4000-8000-000000000001	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f001	user	How much seed for four birds?	{"tool_name": "chat"}	2025-10-24 09:00:00.5+00
\.
