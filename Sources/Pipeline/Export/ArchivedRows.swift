public import Archive

/// Rows of an archive as JSON objects, found without reading most of the rest.
public struct ArchivedRows: Sendable {
  private let archive: ArchiveDirectory
  private let selection: ArchiveSelection

  /// Prepares to look.
  ///
  /// - Parameters:
  ///   - selection: which rows.
  ///   - archive: where.
  public init(_ selection: ArchiveSelection, of archive: ArchiveDirectory) {
    self.selection = selection
    self.archive = archive
  }

  /// Gives the rows that are selected, sessions first, then the other tables in the archive's order.
  ///
  /// - Parameter body: gets the table's name and a row, without an end of line.
  /// - Returns: tables of which the selection takes no rows, with the reason.
  /// - Throws: ``RunError`` for a session that is not there, and of kind `overBudget` for damage.
  public func forEach(
    _ body: (_ table: String, _ row: [UInt8]) -> Void
  ) async throws -> [String] {
    let format = try archive.format()
    let selected = try await SelectedTables(selection, archive)
    let tables =
      selected.tables.filter(\.table.isSessions) + selected.tables.filter { !$0.table.isSessions }
    for rows in tables {
      let object = CopyObject(rows.table.columns)
      try await rows.forEachMember(in: archive) { lines throws(RunError) in
        for line in lines.split(separator: 0x0A, omittingEmptySubsequences: true) {
          body(rows.table.title, format == .copy ? object.json(Array(line)) : Array(line))
        }
      }
    }
    return selected.passedOver
  }
}

/// Rows of COPY's text format as JSON objects, for people: numbers, truth values and JSON as such, all else in
/// the server's words.
struct CopyObject {
  private let columns: [(key: [UInt8], form: String)]

  init(_ columns: [ArchivedColumn]) {
    self.columns = columns.filter { !$0.isGenerated }.map { ($0.jsonKey, $0.form) }
  }

  /// The object of one row, with NULLs left out.
  func json(_ line: [UInt8]) -> [UInt8] {
    var json: [UInt8] = []
    var separator = UInt8(ascii: "{")
    let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    for (column, field) in zip(columns, fields) where !field.elementsEqual(Array("\\N".utf8)) {
      json.append(separator)
      separator = UInt8(ascii: ",")
      json += column.key
      let text = Self.unescaped(field)
      switch column.form {
      case "json": json += text
      case "number" where !text.contains { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") }:
        json += text
      case "boolean": json += Array((text == [UInt8(ascii: "t")] ? "true" : "false").utf8)
      default: json.appendJSONString(text.span, 0..<text.count)
      }
    }
    if separator == UInt8(ascii: "{") { json.append(separator) }
    json.append(UInt8(ascii: "}"))
    return json
  }

  /// What the server's own escapes stand for (PostgreSQL documentation, COPY, "Text Format").
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    var isEscaped = false
    for byte in field {
      guard isEscaped else {
        if byte == UInt8(ascii: "\\") { isEscaped = true } else { text.append(byte) }
        continue
      }
      isEscaped = false
      switch byte {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "v"): text.append(0x0B)
      default: text.append(byte)
      }
    }
    return text
  }
}
