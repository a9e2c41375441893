internal import Testing

@testable internal import Pipeline

@Suite struct ContentHashTests {
  private static let chunkBytes = 8 << 20

  private func chunks(_ bytes: [UInt8], by pieceBytes: Int) -> [FileDigest] {
    var hash = FileHash(withChunks: true)
    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
      hash.update(.bytes(Array(bytes[start..<min(start + pieceBytes, bytes.count)])))
    }
    return hash.finish().chunks
  }

  @Test(arguments: [262_144, 3_000_001, 20_000_000])
  func `chunks are of 8 MiB, in whatever pieces the bytes come`(pieceBytes: Int) {
    let bytes =
      [UInt8](repeating: 1, count: Self.chunkBytes) + [UInt8](repeating: 2, count: Self.chunkBytes)
      + [3, 4, 5, 6, 7]
    let expected = [0..<Self.chunkBytes, Self.chunkBytes..<2 * Self.chunkBytes].map {
      FileDigest.of(bytes[$0])
    }
    #expect(chunks(bytes, by: pieceBytes) == expected + [FileDigest.of(bytes.suffix(5))])
    #expect(chunks(Array(bytes.dropLast(5)), by: pieceBytes) == expected)
  }

  @Test func `a content of one chunk has none, as the chunk's digest would be its own`() {
    #expect(chunks([], by: 1) == [])
    #expect(chunks([UInt8](repeating: 1, count: Self.chunkBytes), by: 1_000_000) == [])
    #expect(chunks([UInt8](repeating: 1, count: Self.chunkBytes + 1), by: 1_000_000).count == 2)
  }

  @Test func `a hole is as many zeros`() {
    let bytes: [UInt8] = [1] + [UInt8](repeating: 0, count: Self.chunkBytes + 100_000) + [2]
    var hash = FileHash(withChunks: true)
    for block: ContentBlock in [.bytes([1]), .zeros(Self.chunkBytes + 100_000), .bytes([2])] {
      hash.update(block)
    }
    #expect(hash.byteCount == bytes.count)
    let (digest, found, _) = hash.finish()
    #expect(digest == FileDigest.of(bytes))
    #expect(found == chunks(bytes, by: bytes.count))
  }
}
