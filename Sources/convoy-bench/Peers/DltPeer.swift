/// dlt from Python dictionaries, into tables of its own: it adds columns to whatever table it writes.
enum DltPeer {
  static let schema = "dlt_threads"

  static func find(_ setting: PeerSetting) async throws -> Peer? {
    // psycopg2 comes with dlt[postgres] only.
    let probe = "import dlt, psycopg2; print(dlt.__version__)"
    guard let version = try await setting.version([setting.python, "-c", probe]) else {
      return nil
    }
    let path = try setting.write(script, as: "dlt_load.py")
    return Peer(
      kind: .dlt, version: version, command: [setting.python, path] + setting.threads,
      variables: setting.connection.merging(["RUNTIME__DLTHUB_TELEMETRY": "false"]) { $1 })
  }

  private static let script = #"""
    """Loads thread documents with dlt.

    python3 dlt_load.py FILE...    the database is that of PGHOST, PGDATABASE and so on
    """

    import json
    import os
    import sys
    import tempfile
    import urllib.parse
    import uuid

    import dlt

    HINTS = {
        "primary_key": "id",
        "write_disposition": {"disposition": "merge", "strategy": "insert-only"},
        "columns": {"metadata": {"data_type": "json"}},
    }


    def threads(paths):
        for path in paths:
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    yield json.loads(line)


    @dlt.resource(name="exai_sessions", **HINTS)
    def sessions(paths):
        for thread in threads(paths):
            said = (turn["content"] for turn in thread["turns"] if turn["role"] == "user")
            kept = "tool_name", "client_friendly_name", "parent_thread_id", "initial_context"
            yield {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, thread["thread_id"])),
                "continuation_id": thread["thread_id"],
                "user_id": "legacy-import",
                "title": next(said, "")[:50],
                "created_at": thread["created_at"],
                "updated_at": thread["last_updated_at"],
                "metadata": {key: thread[key] for key in kept},
            }


    @dlt.resource(name="exai_messages", **HINTS)
    def messages(paths):
        for thread in threads(paths):
            session = uuid.uuid5(uuid.NAMESPACE_URL, thread["thread_id"])
            for index, turn in enumerate(thread["turns"]):
                usage = (turn["model_metadata"] or {}).get("usage", {})
                yield {
                    "id": str(uuid.uuid5(session, str(index))),
                    "session_id": str(session),
                    "role": turn["role"],
                    "content": turn["content"],
                    "tool_name": turn["tool_name"],
                    "tokens_in": usage.get("input_tokens", 0),
                    "tokens_out": usage.get("output_tokens", 0),
                    "model_used": turn["model_name"],
                    "provider_used": turn["model_provider"],
                    "created_at": turn["timestamp"],
                    "metadata": {key: turn[key] for key in ("files", "model_metadata")},
                }


    def url():
        """dlt wants a host and a password in a URL; libpq prefers the host of the query."""
        part = {name: urllib.parse.quote(os.environ[name], safe="") for name in
                ("PGUSER", "PGPORT", "PGDATABASE", "PGHOST")}
        return ("postgresql://{PGUSER}:unused@localhost:{PGPORT}/{PGDATABASE}?host={PGHOST}"
                .format(**part))


    with tempfile.TemporaryDirectory() as state:
        pipeline = dlt.pipeline(
            pipeline_name="threads",
            pipelines_dir=state,
            destination=dlt.destinations.postgres(url()),
            dataset_name="SCHEMA",
        )
        paths = sys.argv[1:]
        pipeline.run(
            [sessions(paths), messages(paths)], loader_file_format="csv"
        ).raise_on_failed_jobs()

    """#.replacing("SCHEMA", with: schema)
}
