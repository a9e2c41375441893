internal import Testing

@testable internal import Pipeline

@Suite struct RowChecksumTests {
  private static func checksum(_ rows: [[UInt8]]) -> RowChecksum {
    var buffer = RowBuffer()
    for (number, row) in rows.enumerated() {
      buffer.begin(fieldCount: 1)
      buffer.bytes += row
      let id = RowId(high: UInt64(number), low: 0)
      buffer.end(
        id: id, session: id, place: Place(input: 0, line: 1, byteOffset: 0, byteLength: 0),
        isCounted: true)
    }
    var checksum = RowChecksum()
    checksum.add(buffer)
    return checksum
  }

  /// Rows of every length up to some words.
  private static let rows = (0..<70).map { length in
    (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
  }

  @Test func `neither order nor batches change it`() {
    var parts = Self.checksum(Array(Self.rows[40...]).reversed())
    parts += Self.checksum(Array(Self.rows[..<40]))
    #expect(parts == Self.checksum(Self.rows))
    #expect(parts.text.utf8.count == 16)
  }

  @Test func `every bit of every row changes it`() {
    var seen: Set<RowChecksum> = [Self.checksum(Self.rows)]
    var expected = 1
    for row in Self.rows.indices {
      for bit in 0..<Self.rows[row].count * 8 {
        var changed = Self.rows
        changed[row][bit / 8] ^= 1 << (bit % 8)
        seen.insert(Self.checksum([changed[row]]))
        expected += 1
      }
    }
    #expect(seen.count == expected)
  }

  @Test func `a row twice, none or moved bytes between two rows are told apart`() {
    #expect(Self.checksum([[1, 2], [1, 2]]) != Self.checksum([[1, 2]]))
    #expect(Self.checksum([[1, 2], [3]]) != Self.checksum([[1], [2, 3]]))
    #expect(Self.checksum([[0]]) != Self.checksum([[0, 0]]))
    #expect(Self.checksum([]).text == "0000000000000000")
  }
}
