internal import Testing

@testable internal import Pipeline

@Suite struct FileDigestTests {
  /// FIPS 180-4's examples as NIST publishes them, and its long one.
  private static let vectors: [(text: String, digest: String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
        + "klmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test(arguments: vectors) func `known texts have their known digests`(
    text: String, digest: String
  ) {
    var hash = FileHash(withChunks: false)
    // In pieces, as a file is read.
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: 1_000) {
      hash.update(.bytes(Array(bytes[start..<min(start + 1_000, bytes.count)])))
    }
    #expect(hash.byteCount == bytes.count)
    #expect(hash.finish().digest.hexadecimal == digest)
    #expect(FileDigest.of(bytes).hexadecimal == digest)
  }

  @Test func `digits of either case are read back, and nothing else is`() throws {
    let digits = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    let digest = try #require(FileDigest(hexadecimal: digits.utf8))
    #expect(digest.hexadecimal == digits)
    #expect(FileDigest(hexadecimal: digits.uppercased().utf8) == digest)
    #expect(FileDigest(hexadecimal: digits.dropLast().utf8) == nil)
    #expect(FileDigest(hexadecimal: (digits + "0").utf8) == nil)
    #expect(FileDigest(hexadecimal: digits.replacing("6", with: "g").utf8) == nil)
    var bytes: [UInt8] = []
    digest.appendBytes(to: &bytes)
    #expect(bytes.count == 32 && bytes.prefix(2) == [0x24, 0x8D])
    #expect(FileDigest(bytes) == digest)
    #expect(FileDigest(bytes.dropLast()) == nil)
    #expect(digest.leadingWord == 0x248D_6A61_D206_38B8)
  }
}
