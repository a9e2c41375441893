internal import Postgres

/// The statements that give rows.
extension ExportedTable {
  /// Gives a part's rows, in the order of their places.
  func copy(ofPart index: Int, _ format: ArchiveFormat) -> String {
    let (heap, first, end) = range(ofPart: index)
    let limit = end.map { " AND ctid < '(\($0),0)'::tid" } ?? ""
    return copy(
      from: "ONLY \(heaps[heap].name.sql) AS convoy_row",
      where: "convoy_row.ctid >= '(\(first),0)'::tid\(limit)", format)
  }

  /// Gives the rows of something that has the table's columns.
  func copy(from rows: String, where condition: String, _ format: ArchiveFormat) -> String {
    let selection =
      switch format {
      case .jsonl: columns.map(\.selected).joined(separator: ", ")
      case .copy:
        columns.filter { !$0.isGenerated }.map { quotedIdentifier($0.name) }
          .joined(separator: ", ")
      case .conversations: conversation
      }
    return "COPY (SELECT \(selection) FROM \(rows) WHERE \(condition)) TO STDOUT"
      + (format == .copy ? "" : " (FORMAT binary)")
  }

  /// A session's object with an array of the rows of each table that belongs to it; then its key and time.
  private var conversation: String {
    let arrays = members.map { member in
      let order = member.order.map { "convoy_member.\(quotedIdentifier($0))" }
        .joined(separator: ", ")
      return """
        ',' || \(quotedLiteral(jsonKey(member.key))) || '[' || coalesce((
          SELECT pg_catalog.string_agg(pg_catalog.row_to_json(convoy_member)::text, ','
            \(order.isEmpty ? "" : "ORDER BY \(order)"))
          FROM \(member.name.sql) AS convoy_member
          WHERE convoy_member.session_id = convoy_row.id), '') || ']'
        """
    }
    let object = "pg_catalog.left(pg_catalog.row_to_json(convoy_row)::text, -1)"
    return ([object] + arrays + ["'}'"]).joined(separator: " || ") + ", convoy_row.id, "
      + (columns.contains { $0.isTime } ? "convoy_row.created_at" : "NULL")
  }

  private func jsonKey(_ name: String) -> String {
    var key: [UInt8] = []
    let bytes = Array(name.utf8)
    key.appendJSONString(bytes.span, 0..<bytes.count)
    return String(decoding: key, as: UTF8.self) + ":"
  }
}

extension ExportedColumn {
  /// The column as a query reads it; one without a form of its own as text.
  fileprivate var selected: String {
    form == .cast ? "\(quotedIdentifier(name))::pg_catalog.text" : quotedIdentifier(name)
  }
}
