internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct ReadAheadTests {
  @Test func `blocks come in order, whoever is slower, and the next file begins anew`() async throws
  {
    try await TemporaryDirectory.with { directory in
      let readAhead = ReadAhead(number: 0)
      for byteCount in [0, 1, 5_000_000, 262_144, 3_000_000] {
        let bytes = unevenBytes(byteCount)
        let path = try directory.write("file", bytes)
        var found: [UInt8] = []
        let ending = try readAhead.read(InputFile(path: path), withChunks: false) { block in
          block.forEachRun { found += $0 }
          if found.count % 3 == 0 { usleep(1_000) }
          return true
        }
        #expect(found == bytes)
        let state = try InputFile(path: path).openedState
        #expect(ending?.state == state)
      }
    }
  }

  @Test func `nobody who stopped gets blocks of a file in those of the next`() async throws {
    try await TemporaryDirectory.with { directory in
      let readAhead = ReadAhead(number: 0)
      let first = try directory.write("1", [UInt8](repeating: 1, count: 9_000_000))
      let second = try directory.write("2", [UInt8](repeating: 2, count: 3_000_000))
      for taken in [1, 3, 9] {
        var blocks = 0
        let ending = try readAhead.read(InputFile(path: first), withChunks: false) { _ in
          blocks += 1
          return blocks < taken
        }
        #expect(ending == nil && blocks == taken)
        var found: [UInt8] = []
        _ = try readAhead.read(InputFile(path: second), withChunks: false) { block in
          block.forEachRun { found += $0 }
          return true
        }
        #expect(found == [UInt8](repeating: 2, count: 3_000_000))
      }
    }
  }

  @Test func `chunks are those of the whole, holes among them`() async throws {
    try await TemporaryDirectory.with { directory in
      let path = try directory.write("file", [UInt8](repeating: 1, count: 1_000_000))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 20_000_001)
      let bytes =
        [UInt8](repeating: 1, count: 1_000_000) + [UInt8](repeating: 0, count: 19_000_001)
      var expected = FileHash(withChunks: true)
      expected.update(.bytes(bytes))
      let chunks = expected.finish().chunks
      var count = 0
      var zeros = 0
      let ending = try ReadAhead(number: 0).read(InputFile(path: path), withChunks: true) { block in
        count += block.byteCount
        if case .zeros(let hole) = block { zeros += hole }
        return true
      }
      #expect(count == bytes.count && zeros > 18_000_000)
      #expect(ending?.chunks == chunks && chunks.count == 3)
    }
  }

  @Test func `a file that cannot be read is an error behind the blocks before it`() throws {
    // Regular by its kind, and nothing is mapped at its beginning.
    #expect(throws: FileError(.read, path: "/proc/self/mem", errno: EIO)) {
      let file = try InputFile(path: "/proc/self/mem")
      _ = try ReadAhead(number: 0).read(file, withChunks: false) { _ in true }
    }
  }
}
