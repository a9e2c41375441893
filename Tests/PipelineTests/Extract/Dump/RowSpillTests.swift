import Testing

@testable import Pipeline

@Suite struct RowSpillTests {
  /// Rows of some lengths, of which a part's are in the order they were added.
  @Test(arguments: [1, 3, 4096])
  func `a part has its rows in their order, be they less than a block or more`(
    partCount: Int
  ) throws {
    var random = SeededNumbers(seed: UInt64(partCount))
    let rows = (0..<600).map { number in
      let length =
        number.isMultiple(of: 9)
        ? 400_000 / partCount
        : Int.random(
          in: 0..<9_000, using: &random)
      return [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: length)
    }
    try ScratchFiles.with { files in
      var spill = RowSpill(directory: files.path, partCount: partCount)
      for (number, row) in rows.enumerated() {
        let place = Place(input: 3, line: number, byteOffset: number * 2, byteLength: row.count)
        try spill.add(
          0..<row.count, of: row, hash: UInt64(number % 7), layout: number % 5, place: place)
      }
      var found: [Int: [[Int]]] = [:]
      for part in 0..<partCount {
        let byteCount = spill.byteCount(of: part)
        // Once from the last block to the first, as what is long is read, and then in their order.
        var blocks = spill.takeBlocks(part)
        var backwards = RowSpill.entries(in: blocks.rest).map(\.place.line)
        while let block = try blocks.next() {
          backwards.insert(contentsOf: RowSpill.entries(in: block).map(\.place.line), at: 0)
        }
        found[part, default: []].append(backwards)
        #expect(byteCount == blocks.writtenBytes + blocks.rest.count)
      }
      for part in 0..<partCount {
        let expected = rows.indices.filter { $0 % 7 % partCount == part }
        #expect(found[part] == [expected])
      }
    }
  }

  @Test func `a part that is taken whole has every byte`() throws {
    let rows = (0..<200).map { [UInt8](repeating: UInt8($0), count: $0 * 61 % 6_000) }
    try ScratchFiles.with { files in
      var spill = RowSpill(directory: files.path, partCount: 4_096)
      for (number, row) in rows.enumerated() {
        let place = Place(input: 0, line: number, byteOffset: 0, byteLength: row.count)
        try spill.add(0..<row.count, of: row, hash: 5, layout: 0, place: place)
      }
      let taken = try spill.take(5)
      #expect(taken.entries.map(\.place.line) == Array(rows.indices))
      #expect(taken.entries.map { Array(taken.bytes[$0.range]) } == rows)
      #expect(try spill.take(4).entries.isEmpty)
    }
  }
}
