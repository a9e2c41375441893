internal import Foundation
internal import Pipeline
internal import Postgres

/// Reads the rows of one conversation from tables whose columns have long or short names.
struct ConversationSource: ~Copyable {
  let sessionID: String
  private let connection: PostgresConnection
  private let columns: [String: Set<String>]

  /// Finds the conversation and opens the snapshot all later reads see.
  ///
  /// - Parameters:
  ///   - id: a continuation id, else the id of a session.
  ///   - connection: taken over.
  /// - Throws: ``RunError`` when there is none, `PostgresError` when the target refuses.
  init(_ id: String, _ connection: consuming PostgresConnection) throws {
    // Policies could hide rows; an error is better than a conversation with holes.
    try connection.execute(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off")
    let found = try connection.query(
      """
      SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
      WHERE relnamespace = to_regnamespace('public') AND attnum > 0 AND NOT attisdropped
        AND relname IN ('exai_sessions', 'exai_messages', 'files')
      """)
    var columns: [String: Set<String>] = [:]
    for row in found.rows { columns[row.text(0), default: []].insert(row.text(1)) }
    for table in ["exai_sessions", "exai_messages"] where columns[table] == nil {
      throw RunError(.failed, "the target has no table \(table)")
    }
    sessionID = try Self.find(id, connection, columns["exai_sessions", default: []])
    self.connection = connection
    self.columns = columns
  }

  private static func find(
    _ id: String, _ connection: borrowing PostgresConnection, _ columns: Set<String>
  ) throws -> String {
    var matches: [PostgresRow] = []
    if columns.contains("continuation_id") {
      matches = try connection.query(
        "SELECT id FROM public.exai_sessions WHERE continuation_id = $1 ORDER BY id LIMIT 10", [id]
      ).rows
    }
    if matches.isEmpty, UUID(uuidString: id) != nil {
      matches = try connection.query(
        "SELECT id FROM public.exai_sessions WHERE id = $1::uuid", [id]
      ).rows
    }
    guard let first = matches.first else {
      throw RunError(
        .failed, "no conversation has the id \(TerminalText.safeLine(id))",
        hint: "the id is a continuation_id or the id of a session")
    }
    guard matches.count == 1 else {
      let ids = matches.map { $0.text(0) }.joined(separator: ", ")
      throw RunError(.failed, "several sessions have this continuation id; choose one of: \(ids)")
    }
    return first.text(0)
  }

  borrowing func session() throws(PostgresError) -> PostgresRow? {
    let list = [
      column("exai_sessions", "continuation_id"), column("exai_sessions", "title"),
      column("exai_sessions", "user_id"), time("exai_sessions", "created_at"),
      time("exai_sessions", "updated_at"),
    ]
    let sql = "SELECT \(list.joined(separator: ", ")) FROM public.exai_sessions WHERE id = $1"
    return try rows(sql).first
  }

  borrowing func messages() throws(PostgresError) -> [PostgresRow] {
    let table = "exai_messages"
    let list = [
      column(table, "role"), time(table, "created_at"), column(table, "model_used", "model"),
      column(table, "content"), column(table, "tool_name"),
      textOrPretty(table, "tool_args", member: "input"),
      textOrPretty(table, "tool_result", member: "output"), column(table, "tokens_in"),
      column(table, "tokens_out"), column(table, "tokens"), metadata(table, "{refusal}"),
      metadata(table, "{thinking}"), metadata(table, "{legacy,role}"),
    ]
    return try rows("SELECT \(list.joined(separator: ", ")) FROM \(orderedMessages)")
  }

  borrowing func files() throws(PostgresError) -> [PostgresRow] {
    guard columns["files"]?.contains("session_id") == true else { return [] }
    let list = ["filename", "file_size", "mime_type", "storage_path"].map { column("files", $0) }
    return try rows("SELECT \(list.joined(separator: ", ")) FROM \(orderedFiles)")
  }

  borrowing func cost() throws(PostgresError) -> String? {
    let cost = column("exai_messages", "cost_usd", "cost")
    return try rows(
      "SELECT nullif(sum(\(cost)::numeric), 0) FROM public.exai_messages WHERE session_id = $1"
    ).first?[0]
  }

  /// The rows themselves, each as the server's JSON.
  borrowing func json() throws(PostgresError) -> String {
    let session = try rows(
      "SELECT to_jsonb(s) FROM public.exai_sessions s WHERE id = $1")
    let messages = try rows("SELECT to_jsonb(m) FROM \(orderedMessages)")
    let files =
      columns["files"]?.contains("session_id") == true
      ? try rows("SELECT to_jsonb(f) FROM \(orderedFiles)") : []
    func array(_ rows: [PostgresRow]) -> String {
      "[" + rows.map { $0.text(0) }.joined(separator: ",\n") + "]"
    }
    return "{\"session\":\(session.first?.text(0) ?? "null"),\n\"messages\":\(array(messages)),\n"
      + "\"files\":\(array(files))}"
  }

  private var orderedMessages: String {
    var order = has("exai_messages", "created_at") ? ["m.created_at"] : []
    if has("exai_messages", "metadata") {
      // Messages of one moment are told apart by their place in the source.
      let index = "m.metadata::jsonb #> '{legacy,index}'"
      order.append(
        "CASE jsonb_typeof(\(index)) WHEN 'number' THEN (\(index))::numeric END NULLS LAST")
    }
    order.append("m.id")
    return "public.exai_messages m WHERE m.session_id = $1 ORDER BY "
      + order.joined(separator: ", ")
  }

  private var orderedFiles: String {
    let order = has("files", "created_at") ? "f.created_at, f.storage_path" : "f.storage_path"
    return "public.files f WHERE f.session_id = $1 ORDER BY \(order)"
  }

  private borrowing func rows(_ sql: String) throws(PostgresError) -> [PostgresRow] {
    try connection.query(sql, [sessionID]).rows
  }

  private func has(_ table: String, _ name: String) -> Bool {
    columns[table]?.contains(name) == true
  }

  private func column(_ table: String, _ names: String...) -> String {
    names.first { has(table, $0) }.map { quotedIdentifier($0) } ?? "NULL"
  }

  private func time(_ table: String, _ name: String) -> String {
    guard has(table, name) else { return "NULL" }
    return "to_char(\(name) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS\"Z\"')"
  }

  /// The text of an object with this one member, when it is text; else the value, pretty-printed.
  private func textOrPretty(_ table: String, _ name: String, member: String) -> String {
    guard has(table, name) else { return "NULL" }
    let value = "\(name)::jsonb"
    let isText = "\(value) = jsonb_build_object('\(member)', \(value) ->> '\(member)')"
    return """
      CASE WHEN jsonb_typeof(\(value)) = 'object' AND jsonb_typeof(\(value) -> '\(member)') = 'string'
        AND \(isText) THEN \(value) ->> '\(member)' ELSE jsonb_pretty(\(value)) END
      """
  }

  /// Text of the metadata; of a list, its texts a line each.
  private func metadata(_ table: String, _ path: String) -> String {
    guard has(table, "metadata") else { return "NULL" }
    let value = "metadata::jsonb #> '\(path)'"
    return """
      CASE jsonb_typeof(\(value)) WHEN 'array'
        THEN (SELECT string_agg(part, E'\\n') FROM jsonb_array_elements_text(\(value)) part)
        ELSE metadata::jsonb #>> '\(path)' END
      """
  }
}
