internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct SealedFileTests {
  @Test func `pieces come back as they were appended, in any order, and leave no name behind`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      var file = try SealedFile(in: directory.path)
      let pieces: [[UInt8]] = [
        Array("one".utf8), [], (0..<100_000).map { UInt8(truncatingIfNeeded: $0) },
      ]
      for piece in pieces { try file.append(piece.span) }
      #expect(file.size == 100_003)
      #expect(file.pieceCount == 3)
      for index in [2, 0, 1] {
        let piece = try file.piece(index)
        #expect(piece == pieces[index])
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
  }
}
