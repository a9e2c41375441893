internal import Postgres

/// A stretch of a table: some blocks of one of its heaps.
struct TableRange: Sendable {
  /// Index into ``SourceDatabase/tables``.
  let table: Int
  /// Position of the heap among all the tables' heaps.
  let heap: Int
  /// Index of the range among those of the table.
  let part: Int
}

/// Reads the tables of a source, several ranges at a time.
extension SourceDatabase {
  /// Every range of every table, once.
  private var ranges: [TableRange] {
    var ranges: [TableRange] = []
    var heaps = 0
    for (number, table) in tables.enumerated() {
      ranges += (0..<table.partCount).map { part in
        TableRange(table: number, heap: heaps + table.range(ofPart: part).heap, part: part)
      }
      heaps += table.heaps.count
    }
    return ranges
  }

  /// Copies every row out once, over several connections that see one moment.
  ///
  /// - Parameters:
  ///   - stop: ends the reading between ranges.
  ///   - selection: what is selected of a table's rows, each of which is `convoy_row`; any expressions.
  ///   - format: how COPY writes them.
  ///   - take: is given one range's rows, by several threads at a time; reads them to their end.
  /// - Throws: ``RunError`` for what the database refuses and on a stop signal; what `take` throws.
  func read(
    stop: StopSignal, selection: @escaping @Sendable (ExportedTable) -> String,
    format: RowForm = .binary,
    _ take: @escaping @Sendable (TableRange, borrowing CopyOutReader) throws -> Void
  ) async throws {
    let ranges = ranges
    let queue = JobQueue(ranges)
    do {
      try await withThrowingTaskGroup { group in
        for number in 0..<min(plan.connections, ranges.count) {
          group.addTask(executorPreference: WorkerThread(number: number)) { [self] in
            let connection = try join(number: number)
            stop.add(try connection.canceller())
            while let range = queue.next() {
              guard !Task.isCancelled else { return }
              try stop.check()
              let statement = tables[range.table].copy(
                selection(tables[range.table]), ofPart: range.part, format)
              try await connection.copyOut(statement) { reader in try take(range, reader) }
            }
            try connection.execute("COMMIT")
          }
        }
        try await group.waitForAll()
      }
    } catch let error as PostgresError {
      throw RunError(reading: plan.database, error, stop)
    }
  }
}

/// How COPY writes rows.
enum RowForm: Sendable {
  case binary
  /// Lines, as dumps have them.
  case text
}

extension ExportedTable {
  /// Gives some expressions of a range's rows, in the order of their places.
  fileprivate func copy(_ selection: String, ofPart part: Int, _ format: RowForm) -> String {
    let (heap, first, end) = range(ofPart: part)
    let limit = end.map { " AND convoy_row.ctid < '(\($0),0)'::tid" } ?? ""
    return """
      COPY (SELECT \(selection) FROM ONLY \(heaps[heap].name.sql) AS convoy_row
        WHERE convoy_row.ctid >= '(\(first),0)'::tid\(limit)) TO STDOUT\
      \(format == .binary ? " (FORMAT binary)" : "")
      """
  }
}
