internal import Postgres

/// Tables of a database as a source of rows that dumps have: they come as the lines of `COPY … TO STDOUT`, and
/// whatever becomes of a dump's rows becomes of them.
extension BatchSource {
  /// Bytes of lines that are handed over at a time.
  private static let chunkBytes = 1 << 20

  /// Reads the tables of a database through, before the first row is asked for.
  ///
  /// - Throws: ``RunError`` for want of room, for what the database refuses and on a stop signal.
  func read(_ database: SourceDatabase, _ spec: PipelineSpec, stop: StopSignal) async throws {
    guard let tables else { return try await readAsDump(database, stop: stop) }
    try await LegacyTableReading(database, spec, stop: stop).read(into: tables)
  }

  /// Reads the tables through, into the parts that are handed out next.
  ///
  /// - Throws: ``RunError`` for want of room, for what the database refuses and on a stop signal.
  private func readAsDump(_ database: SourceDatabase, stop: StopSignal) async throws {
    let inputs = database.inputs
    try beginTables(inputs)
    let heads = database.tables.map(\.dumpHead)
    try await database.read(stop: stop, selection: { $0.dumpSelection }, format: .text) {
      range, reader in
      // Ranges have their places in their order, however large their text is.
      var offset = range.part << 36
      var lines: [UInt8] = []
      func handOver() throws {
        guard !lines.isEmpty else { return }
        try self.add(heads[range.table], lines, of: inputs[range.table], at: offset)
        offset += lines.count
        lines.removeAll(keepingCapacity: true)
        try stop.check()
      }
      while try reader.next({ row in
        lines.append(addingCapacity: row.count) { $0.append(0..<row.count, of: row) }
      }) {
        if lines.count >= Self.chunkBytes { try handOver() }
      }
      try handOver()
    }
    endTables(inputs, rowCounts: database.rowCounts)
  }
}

extension ExportedTable {
  private var dumpedColumns: [ExportedColumn] { columns.filter { !$0.isGenerated } }

  /// What `pg_dump` writes before the rows of a table: its definition, as far as it tells what its columns hold,
  /// and the beginning of COPY.
  fileprivate var dumpHead: [UInt8] {
    let name = QualifiedName(self).sql
    let names = dumpedColumns.map { quotedIdentifier($0.name) }
    let definitions = zip(names, dumpedColumns).map { "\($0) \($1.type)" }
    return Array(
      """
      CREATE TABLE \(name) (\(definitions.joined(separator: ", ")));
      COPY \(name) (\(names.joined(separator: ", "))) FROM stdin;

      """.utf8)
  }

  /// The columns of a row in that order.
  fileprivate var dumpSelection: String {
    dumpedColumns.map { "convoy_row.\(quotedIdentifier($0.name))" }.joined(separator: ", ")
  }
}
