internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct RepeatedIdsTests {
  private static func row(_ number: UInt64, input: Int32 = 0, isCounted: Bool = true) -> EncodedRow
  {
    let id = RowId(high: number / 7, low: number)
    return EncodedRow(
      id: id, session: id, start: 0,
      place: Place(input: input, line: 1, byteOffset: 0, byteLength: 0), isCounted: isCounted)
  }

  @Test(arguments: [1, 10, 1 << 19])
  func `repeats are found whether or not the ids fit into memory`(entryLimit: Int) async throws {
    try await TemporaryDirectory.with { directory in
      var ids = RepeatedIds(directory: directory.path, entryLimit: entryLimit)
      for start in stride(from: UInt64(0), to: 1000, by: 100) {
        try ids.add((start..<start + 100).map { Self.row($0) })
      }
      try ids.add((500..<600).map { Self.row($0, input: 3) })
      try ids.add([Self.row(7, input: 4), Self.row(7, input: 4), Self.row(5000, input: 4)])
      #expect(try ids.perInput() == [3: 100, 4: 2])
      // Nothing is left to be seen of the file.
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
  }

  @Test func `rows that do not count are not looked at`() throws {
    var ids = RepeatedIds(directory: "/proc/none")
    try ids.add([Self.row(1), Self.row(1, isCounted: false)])
    #expect(try ids.perInput() == [:])
  }
}
