internal import Archive
internal import Postgres

/// Rows of a table, and the sum of their checksums.
///
/// The sum is held as two words: a UInt128 that is handed to an async function puts Swift 6.3's debug builds out
/// of step.
struct RowSum: Sendable, Hashable {
  var rows: Int
  private var high: UInt64
  private var low: UInt64

  init(rows: Int = 0, checksum: UInt128 = 0) {
    self.rows = rows
    high = UInt64(truncatingIfNeeded: checksum >> 64)
    low = UInt64(truncatingIfNeeded: checksum)
  }

  /// Sums whole lines.
  init(ofLines lines: [UInt8]) {
    var texts = DigestBatch()
    let checksum = LineChecksum.sum(ofLines: lines.span, &texts)
    self.init(rows: texts.count, checksum: checksum)
  }

  private var checksum: UInt128 { UInt128(high) << 64 | UInt128(low) }

  static func += (left: inout RowSum, right: RowSum) {
    left = RowSum(rows: left.rows + right.rows, checksum: left.checksum &+ right.checksum)
  }
}

extension TableSelection {
  /// What the manifest says of all rows; nil where only some are wanted, which have to be read.
  var manifestSum: RowSum? {
    guard isWhole else { return nil }
    return RowSum(
      rows: table.rows, checksum: UInt128(hex: table.checksum.utf8) ?? 0)
  }
}

extension ExportedTable {
  /// Reads rows and sums their checksums.
  func sum(
    of statement: String, _ format: ArchiveFormat, _ connection: borrowing PostgresConnection,
    _ stop: StopSignal
  ) async throws -> RowSum {
    try await connection.copyOut(statement) { reader in
      var source = LineSource(self, format)
      var sum = RowSum()
      var lines: [UInt8] = []
      while try source.appendNext(of: reader, to: &lines) {
        guard lines.count >= 256 << 10 else { continue }
        sum += RowSum(ofLines: lines)
        lines.removeAll(keepingCapacity: true)
        try stop.check()
      }
      sum += RowSum(ofLines: lines)
      return sum
    }
  }
}
