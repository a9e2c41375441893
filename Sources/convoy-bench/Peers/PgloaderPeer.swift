internal import Foundation

/// pgloader with its defaults, from CSV with the table's own columns.
enum PgloaderPeer {
  static func find(_ setting: PeerSetting) async throws -> Peer? {
    guard let version = try await setting.version(["pgloader", "--version"]) else { return nil }
    return Peer(
      kind: .pgloader, version: version,
      command: [
        "pgloader", "--root-dir", setting.directory.appending(path: "peers/pgloader").path,
        try setting.write(commands, as: "rows.load"),
      ],
      variables: setting.connection)
  }

  /// Files are looked for beside this one; the server is libpq's environment variables'.
  private static let commands = """
    LOAD CSV
      FROM '../rows/sessions.csv' WITH ENCODING UTF-8
        (id, user_id, title [null if blanks], created_at, updated_at, metadata, continuation_id)
      INTO postgresql:///\(BenchServer.loaded)
      TARGET TABLE public.exai_sessions
        (id, user_id, title, created_at, updated_at, metadata, continuation_id)
      WITH skip header = 1, fields terminated by ',',
        fields optionally enclosed by '"', fields escaped by double-quote;

    LOAD CSV
      FROM '../rows/messages.csv' WITH ENCODING UTF-8
        (id, session_id, role, content, tool_name [null if blanks], tool_args [null if blanks],
         tool_result [null if blanks], tokens_in, tokens_out, cost_usd, latency_ms,
         model_used [null if blanks], provider_used [null if blanks], created_at, metadata)
      INTO postgresql:///\(BenchServer.loaded)
      TARGET TABLE public.exai_messages
        (id, session_id, role, content, tool_name, tool_args, tool_result, tokens_in, tokens_out,
         cost_usd, latency_ms, model_used, provider_used, created_at, metadata)
      WITH skip header = 1, fields terminated by ',',
        fields optionally enclosed by '"', fields escaped by double-quote;

    """
}
