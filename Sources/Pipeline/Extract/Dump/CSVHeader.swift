/// The line of names that a CSV file of a known table begins with.
struct CSVHeader {
  let table: DumpTable
  let columns: [String]
  /// The line, without its end.
  let range: Range<Int>
  /// Where the first row begins.
  let end: Int

  /// Nil where the bytes do not begin with names of a known table's columns.
  init?(_ bytes: [UInt8], isEnd: Bool) {
    var fields: [RowField] = []
    guard let found = bytes.span.csvRow(at: 0, isEnd: isEnd, into: &fields),
      let first = fields.first, !Self.isStatement(first, bytes)
    else { return nil }
    var columns = fields.map { field in
      var name: [UInt8] = []
      field.append(of: bytes, to: &name)
      return String(decoding: name, as: UTF8.self)
    }
    var table = DumpTable.allCases.first { $0.fits(columns) }
    if table == nil {
      // As spreadsheets and people write them.
      columns = columns.map { $0.split(separator: " ").joined(separator: " ").lowercased() }
      table = DumpTable.allCases.first { $0.fits(columns) }
    }
    guard let table else { return nil }
    self.table = table
    self.columns = columns
    range = 0..<found.end
    end = found.next
  }

  /// Whether the first name is the beginning of a statement with a list of names, as `INSERT INTO messages (id`,
  /// or of a comment.
  private static func isStatement(_ first: RowField, _ bytes: [UInt8]) -> Bool {
    first.form != .csvQuoted
      && (bytes.firstIndex(of: UInt8(ascii: "("), in: first.range) != nil
        || bytes[first.range].starts(with: "--".utf8) || bytes[first.range].starts(with: "/*".utf8))
  }

  /// The line of these names.
  static func line(_ columns: [String]) -> [UInt8] {
    var line: [UInt8] = []
    for (number, column) in columns.enumerated() {
      if number > 0 { line.append(UInt8(ascii: ",")) }
      line.append(UInt8(ascii: "\""))
      for byte in column.utf8 {
        if byte == UInt8(ascii: "\"") { line.append(byte) }
        line.append(byte)
      }
      line.append(UInt8(ascii: "\""))
    }
    return line
  }
}
