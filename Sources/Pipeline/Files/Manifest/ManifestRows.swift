/// Splits CSV into rows (RFC 4180): fields between commas, in quotes where they hold commas, quotes or line
/// ends; lines end in LF or CRLF.
struct ManifestRows {
  struct Row {
    /// 1-based.
    let line: Int
    let range: Range<Int>
    let fields: [[UInt8]]
    /// Why it cannot be read.
    let problem: String?
  }

  private let bytes: [UInt8]
  private var at: Int
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next row that is not blank.
  mutating func next() -> Row? {
    while at < bytes.count {
      let row = read()
      if row.problem != nil || row.fields.count > 1 || row.fields.first?.isEmpty == false {
        return row
      }
    }
    return nil
  }

  private mutating func read() -> Row {
    let (start, firstLine) = (at, line)
    var fields: [[UInt8]] = [[]]
    var problem: String?
    var isQuoted = false
    var end = at
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          fields[fields.count - 1].append(byte)
        } else if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
          fields[fields.count - 1].append(byte)
          at += 1
        } else {
          isQuoted = false
          if at < bytes.count, !Self.endsField(bytes[at]) {
            problem = "text behind a closing quote"
          }
        }
      } else if byte == UInt8(ascii: ",") {
        fields.append([])
      } else if byte == UInt8(ascii: "\n") {
        return Row(line: firstLine, range: start..<end, fields: fields, problem: problem)
      } else if byte == UInt8(ascii: "\""), fields[fields.count - 1].isEmpty {
        isQuoted = true
      } else if byte == UInt8(ascii: "\r"), at == bytes.count || bytes[at] == UInt8(ascii: "\n") {
        continue
      } else {
        fields[fields.count - 1].append(byte)
      }
      end = at
    }
    if isQuoted { problem = "a quote that is not closed" }
    return Row(line: firstLine, range: start..<end, fields: fields, problem: problem)
  }

  private static func endsField(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }
}
