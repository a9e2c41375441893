internal import Archive

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
