COPY public.conversation_files (conversation_id, file_id, added_at) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f301	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f311	2025-10-24 09:00:01+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f302	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f311	2025-10-24 10:00:01+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f302	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f312	2025-10-24 10:00:02+00
\.

COPY public.conversations (id, continuation_id, title, metadata, created_at, updated_at) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f301	8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e31	Seeds	{}	2025-10-24 09:00:00+00	2025-10-24 09:00:00+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f302	8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e32	Feeder	{}	2025-10-24 10:00:00+00	2025-10-24 10:00:00+00
\.

COPY public.files (id, storage_path, original_name, mime_type, size_bytes, file_type, metadata, created_at, sha256, provider_file_id, provider, accessed_at) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f311	contexts/8c6c3b52-64b0-4a5e-8f0a-1c1f4d2f9e01/seeds.txt	C:\\feeder\\seeds.txt	text/plain	27	user_upload	{}	2025-10-24 08:59:58.5+00	687878e462abc69a98406979636c8a3ecc33e7ceb2e01a36b9efd55d92e212f8	\N	\N	\N
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f312	kimi-uploads/d3f0kq7s	feeder.md	text/markdown	33	generated	{}	2025-10-24 10:00:00+00	46df44a4e7e72eee4a417e6736c0949d3cb41fb80aa7b30a01e8172a557438b9	d3f0kq7s	kimi	2025-10-25 10:00:00+00
\.

COPY public.messages (id, conversation_id, role, content, metadata, created_at) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f321	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f301	user	How much is in the list?	{"file_ids": ["5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f311"]}	2025-10-24 09:00:00+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f322	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f301	assistant	Sixty grams.	{}	2025-10-24 09:00:04+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f323	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f302	user	Does the feeder follow it?	{}	2025-10-24 10:00:00+00
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f324	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f302	assistant	It does.	{}	2025-10-24 10:00:03+00
\.

COPY public.provider_file_uploads (id, provider, provider_file_id, sha256, filename, file_size_bytes, upload_status, supabase_file_id, custom_metadata, deleted_at) FROM stdin;
5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f331	kimi	d3f0kq7s	46df44a4e7e72eee4a417e6736c0949d3cb41fb80aa7b30a01e8172a557438b9	feeder.md	33	completed	5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f312	{"purpose": "file-extract"}	\N
\.
