/// Which columns of a load are compared with convoy's.
enum LoadedRows: Hashable, Encodable {
  /// Of tools that were given rows made from what convoy had stored.
  case everyColumn
  /// Of tools that make rows themselves: what the documents say; ids, title and metadata are the tool's choice.
  ///
  /// A message is compared together with the `continuation_id` of the session it belongs to; its time
  /// says its place there.
  case mappedColumns(schema: String)

  var columns: String {
    switch self {
    case .everyColumn: "every column"
    case .mappedColumns:
      "sessions' \(Self.mappedSession); messages' session, \(Self.mappedMessage)"
    }
  }

  func contents(on server: BenchServer) async throws -> TableContents {
    switch self {
    case .everyColumn:
      return try await TableContents(
        sessions: server.checksum(of: "row(\(Self.session))", from: "exai_sessions"),
        messages: server.checksum(of: "row(\(Self.message))", from: "exai_messages"))
    case .mappedColumns(let schema):
      let sessions = "\(schema).exai_sessions"
      // Both have a created_at.
      let message = Self.mappedMessage.split(separator: ", ").map { "m.\($0)" }
      return try await TableContents(
        sessions: server.checksum(of: "row(\(Self.mappedSession))", from: sessions),
        messages: server.checksum(
          of: "row(s.continuation_id, \(message.joined(separator: ", ")))",
          from: "\(schema).exai_messages m join \(sessions) s on s.id = m.session_id"))
    }
  }

  /// Named one by one, since a tool may add columns.
  private static let session =
    "id, user_id, title, created_at, updated_at, metadata, continuation_id"
  private static let message =
    "id, session_id, role, content, tool_name, tool_args, tool_result, tokens_in, tokens_out, "
    + "cost_usd, latency_ms, model_used, provider_used, created_at, metadata"
  private static let mappedSession = "continuation_id, user_id, created_at, updated_at"
  private static let mappedMessage =
    "role, content, tool_name, tokens_in, tokens_out, model_used, provider_used, created_at"
}
