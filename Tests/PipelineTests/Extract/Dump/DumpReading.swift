@testable import Pipeline

/// A dump read to its end: each row's values, nil for null, `expression: …` for what is no value.
struct DumpReading {
  var rows: [[String?]] = []
  var places: [Place] = []
  var columns: [[String]] = []
  var tables: [String: Int] = [:]
  var statements: [String: Int] = [:]
  var unread: [String] = []
  var damage: String?
  var damagePlace: Place?

  init(_ text: String, bufferBytes: Int? = nil) throws {
    try self.init(Array(text.utf8), bufferBytes: bufferBytes)
  }

  /// Reads from memory, or from a file in pieces of `bufferBytes`.
  init(_ bytes: [UInt8], bufferBytes: Int? = nil) throws {
    guard let bufferBytes else {
      var reader = DumpReader(bytes)
      try read(&reader)
      return
    }
    try ScratchFiles.with { files in
      let path = try files.write("dump.sql", bytes)
      let input = PlannedInput(
        index: 0, path: path, dialect: .messagesDump, name: "dump.sql", size: bytes.count)
      var reader = try DumpReader(input, bufferBytes: bufferBytes)
      try read(&reader)
    }
  }

  private mutating func read(_ reader: inout DumpReader) throws {
    while let row = try reader.next() {
      rows.append(
        reader.fields.map { field in
          guard field.form != .null else { return nil }
          var text: [UInt8] = []
          field.append(of: reader.buffer, to: &text)
          let value = String(decoding: text, as: UTF8.self)
          return field.form == .expression ? "expression: \(value)" : value
        })
      places.append(row.place)
      columns.append(reader.layouts[row.layout].columns)
    }
    for table in reader.passed.tables { tables[table.name] = table.rows }
    for kind in reader.passed.statements { statements[kind.name] = kind.statements }
    unread = reader.passed.unread.map { "\($0.text), line \($0.place.line)" }
    damage = reader.damage?.text
    damagePlace = reader.damage?.place
  }
}
