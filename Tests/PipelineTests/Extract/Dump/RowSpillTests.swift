internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct RowSpillTests {
  private static func row(_ number: Int) -> [UInt8] {
    Array("row \(number) \(String(repeating: "x", count: number % 100))".utf8)
  }

  private static func place(_ number: Int) -> Place {
    Place(input: 1, line: number, byteOffset: number * 7, byteLength: row(number).count)
  }

  @Test func `a part that is split has the same rows in the same order, those of a hash together`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      var spill = RowSpill(directory: directory.path, partCount: 3)
      // Of 3 000 hashes, each of which comes 20 times.
      for number in 0..<60_000 {
        let row = Self.row(number)
        try spill.add(
          0..<row.count, of: row, hash: UInt64(number % 3_000), layout: number % 5,
          place: Self.place(number))
      }
      #expect(spill.byteCount > 0)
      let size = spill.byteCount(of: 1)
      #expect(size > 1_000_000)
      var split = RowSpill(directory: directory.path, partCount: 7, divisor: 3)
      try spill.move(1, to: &split)
      #expect(spill.byteCount(of: 1) == 0)
      #expect(try spill.take(1).entries.isEmpty)
      #expect((0..<7).reduce(0) { $0 + split.byteCount(of: $1) } == size)
      var seen: [Int] = []
      for part in 0..<7 {
        let (entries, bytes) = try split.take(part)
        #expect(!entries.isEmpty)
        #expect(entries.map(\.place.line) == entries.map(\.place.line).sorted())
        for entry in entries {
          let number = entry.place.line
          #expect(entry.hash == UInt64(number % 3_000) && Int(entry.hash / 3 % 7) == part)
          #expect(entry.layout == number % 5 && entry.place == Self.place(number))
          #expect(bytes[entry.range].elementsEqual(Self.row(number)))
          seen.append(number)
        }
      }
      #expect(seen.sorted() == (0..<60_000).filter { $0 % 3 == 1 })
    }
  }
}
