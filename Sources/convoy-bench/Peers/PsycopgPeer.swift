/// The script a careful user of psycopg 3 writes for this job.
enum PsycopgPeer {
  static func find(_ setting: PeerSetting) async throws -> Peer? {
    let probe = "import psycopg; print(psycopg.__version__)"
    guard let version = try await setting.version([setting.python, "-c", probe]) else {
      return nil
    }
    let path = try setting.write(script, as: "psycopg_load.py")
    return Peer(
      kind: .psycopg, version: version, command: [setting.python, path] + setting.threads,
      variables: setting.connection)
  }

  private static let script = #"""
    """Loads thread documents by COPY into temporary tables and INSERT ... ON CONFLICT DO NOTHING.

    python3 psycopg_load.py FILE...    the database is that of PGHOST, PGDATABASE and so on
    """

    import itertools
    import json
    import sys
    import uuid

    import psycopg

    THREADS_A_BATCH = 1000
    SESSION = "id, continuation_id, user_id, title, created_at, updated_at, metadata"
    MESSAGE = (
        "id, session_id, role, content, tool_name, tokens_in, tokens_out,"
        " model_used, provider_used, created_at, metadata"
    )


    def threads(paths):
        for path in paths:
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    yield json.loads(line)


    def session_row(thread):
        said = (turn["content"] for turn in thread["turns"] if turn["role"] == "user")
        kept = "tool_name", "client_friendly_name", "parent_thread_id", "initial_context"
        return (
            uuid.uuid5(uuid.NAMESPACE_URL, thread["thread_id"]),
            thread["thread_id"],
            "legacy-import",
            next(said, "")[:50],
            thread["created_at"],
            thread["last_updated_at"],
            json.dumps({key: thread[key] for key in kept}),
        )


    def message_rows(thread):
        session = uuid.uuid5(uuid.NAMESPACE_URL, thread["thread_id"])
        for index, turn in enumerate(thread["turns"]):
            usage = (turn["model_metadata"] or {}).get("usage", {})
            yield (
                uuid.uuid5(session, str(index)),
                session,
                turn["role"],
                turn["content"],
                turn["tool_name"],
                usage.get("input_tokens", 0),
                usage.get("output_tokens", 0),
                turn["model_name"],
                turn["model_provider"],
                turn["timestamp"],
                json.dumps({key: turn[key] for key in ("files", "model_metadata")}),
            )


    def merge(cursor, table, columns, rows):
        new = f"new_{table}"
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {new} (LIKE {table}) ON COMMIT DELETE ROWS"
        )
        with cursor.copy(f"COPY {new} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {new} ON CONFLICT DO NOTHING"
        )


    def main(paths):
        documents = threads(paths)
        with psycopg.connect() as connection, connection.cursor() as cursor:
            while batch := list(itertools.islice(documents, THREADS_A_BATCH)):
                messages = (row for thread in batch for row in message_rows(thread))
                merge(cursor, "exai_sessions", SESSION, map(session_row, batch))
                merge(cursor, "exai_messages", MESSAGE, messages)
                connection.commit()


    main(sys.argv[1:])

    """#
}
