/// Rows that come out of a database as they would stand in a dump.
extension DumpSource {
  /// Begins with tables in place of files.
  ///
  /// - Throws: ``RunError`` for want of room.
  mutating func begin(tables: [PlannedInput]) throws(RunError) {
    try place.requireRoom(for: Self.knownBytes(tables), of: "the rows of the tables")
  }

  /// Takes rows of one table: what a dump says before them, and lines of COPY's text form.
  ///
  /// `offset` is where the lines stand among all of the table's; it only tells them apart.
  /// - Throws: as ``read(_:)`` does.
  mutating func add(
    _ head: [UInt8], _ lines: [UInt8], of input: PlannedInput, at offset: Int
  ) throws(RunError) {
    var reader = DumpReader(head + lines + Array("\\.\n".utf8), input: input.index)
    var numbers: [Int] = []
    var rowCount = 0
    while var row = try reader.next() {
      rowCount += 1
      row.place.byteOffset += offset - head.count
      row.place.line = 0
      try take(row, of: &reader, &numbers)
    }
    countStored(lines.count)
    place.note(lines.count, rowCount)
  }

  /// Ends with tables, of which each has `rowCounts` rows.
  mutating func end(tables: [PlannedInput], rowCounts: [Int]) {
    for (table, count) in zip(tables, rowCounts) {
      remark(on: table, rowCount: count)
    }
    describeFiles()
  }
}
