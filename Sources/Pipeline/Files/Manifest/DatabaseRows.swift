internal import Archive
internal import SQLite

/// Rows of a file registry or a download cache, as a JSON object a line, so that they are read as exports are.
struct DatabaseRows {
  static let registryTable = "files"
  static let cacheTable = "cache_entries"
  private static let magic = Array("SQLite format 3\0".utf8)

  let path: String
  /// Those of the known tables that it has.
  let tables: [String]
  let lines: [UInt8]
  /// For each line, which row of which table it is, counted from 1.
  let numbers: [(table: Int, row: Int)]
  let storedBytes: Int

  /// Whether a file begins as a database does.
  ///
  /// - Throws: ``RunError`` where it cannot be read.
  static func isDatabase(_ path: String) throws(RunError) -> Bool {
    try RunError.onFiles { () throws(FileError) in
      let file = try InputFile(path: path)
      guard file.isRegular else { return false }
      return try file.bytes(at: 0, upTo: magic.count) == magic
    }
  }

  /// Reads all rows.
  ///
  /// - Throws: ``RunError`` for a database that is damaged, or has neither table.
  init(path: String, scratchDirectory: String) throws(RunError) {
    self.path = path
    storedBytes = try RunError.onFiles { () throws(FileError) in
      try InputFile(path: path).size ?? 0
    }
    let tables: [String]
    var lines: [UInt8] = []
    var numbers: [(table: Int, row: Int)] = []
    do throws(SQLiteError) {
      let database = try SQLiteDatabase(path: path, scratchDirectory: scratchDirectory)
      let there = try database.tables()
      tables = [Self.registryTable, Self.cacheTable].filter(there.contains)
      for (index, table) in tables.enumerated() {
        var rows = try database.rows(of: table)
        var number = 0
        while let row = try rows.next(), lines.count <= FileManifest.limitBytes {
          number += 1
          Self.append(row, of: rows.columns, to: &lines)
          numbers.append((index, number))
        }
      }
    } catch {
      throw RunError(.fileAccess, error.description)
    }
    (self.tables, self.lines, self.numbers) = (tables, lines, numbers)
    guard !tables.isEmpty else {
      throw RunError(
        .fileAccess, "\(path): a database without a table files or cache_entries",
        hint: "a file registry has the first, a download cache the second")
    }
    guard lines.count <= FileManifest.limitBytes else {
      throw RunError(
        .fileAccess, "\(path): its rows are larger than \(FileManifest.limitBytes >> 20) MiB")
    }
  }

  private static func append(
    _ row: [SQLiteValue], of columns: [String], to lines: inout [UInt8]
  ) {
    lines.append(UInt8(ascii: "{"))
    for (index, (name, value)) in zip(columns, row).enumerated() {
      if index > 0 { lines.append(UInt8(ascii: ",")) }
      lines.appendJSONString(name.utf8)
      lines.append(UInt8(ascii: ":"))
      switch value {
      case .null: lines += Array("null".utf8)
      case .integer(let number): lines += Array("\(number)".utf8)
      case .real(let number): lines += Array((number.isFinite ? "\(number)" : "null").utf8)
      case .text(let text): lines.appendJSONString(text)
      case .blob(let bytes):
        lines.append(UInt8(ascii: "\""))
        for byte in bytes { lines.append(hexadecimal: byte) }
        lines.append(UInt8(ascii: "\""))
      }
    }
    lines += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
  }
}
