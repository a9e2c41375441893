internal import Archive
internal import Testing

@testable internal import Pipeline

@Suite struct ChecksumLineTests {
  private static let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  private let digest = FileDigest.of("abc".utf8)

  private func read(_ line: String) -> ChecksumLine { ChecksumLine(Array(line.utf8)[...]) }

  @Test(arguments: [
    ("\(digits)  a b", "a b"), ("\(digits) *a", "a"), ("\(digits)   a", " a"),
    ("\(digits) a", "a"), ("\(digits)  a\r", "a"), ("\(digits.uppercased())  a", "a"),
    ("\\\(digits)  a\\n\\\\\\r", "a\n\\\r"), ("\(digits)  a\\n", "a\\n"),
    ("SHA256 (a) b) = \(digits)", "a) b"), ("SHA256(a)= \(digits)", "a"),
    ("SHA2-256(a b)= \(digits)", "a b"), ("\\SHA256 (a\\nb) = \(digits)", "a\nb"),
  ])
  func `what tools write is read`(line: String, name: String) {
    #expect(read(line) == .file(RawPath(name), digest))
  }

  @Test(arguments: [
    "x", digits, "\(digits)  ", "\(digits.dropLast())  a", "\(digits)0  a", "\\\(digits)  a\\t",
    "\\\(digits)  a\\", "SHA1 (a) = \(digits)", "SHA256 a = \(digits)", "SHA256 () = \(digits)",
    "#chunk 0 8388608", "#chunk -1 1 \(digits)", "#chunk 0 0 \(digits)", "#chunk 0 1 x",
  ])
  func `anything else is malformed`(line: String) {
    #expect(read(line) == .malformed)
  }

  @Test func `comments and blank lines say nothing`() {
    for line in ["", "\r", "#", "# \(Self.digits)  a"] { #expect(read(line) == .comment) }
    #expect(
      read("#chunk 8388608 5 \(Self.digits)")
        == .chunk(byteOffset: 8_388_608, byteLength: 5, digest))
  }

  @Test(arguments: [
    Array("a b".utf8), Array("a\nb\rc\\d".utf8), Array("\\".utf8), Array("*a".utf8),
    Array(" a".utf8), [0x61, 0xFF], Array("é".utf8),
  ])
  func `what is written is read back`(name: [UInt8]) {
    let content = HashedContent(digest: digest, byteCount: 3, chunks: [], isCached: false)
    var line: [UInt8] = []
    ChecksumLine.append(RawPath(name), content, to: &line)
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(ChecksumLine(line.dropLast()) == .file(RawPath(name), digest))
  }

  @Test func `chunks follow their file`() throws {
    let content = HashedContent(
      digest: digest, byteCount: (8 << 20) + 5, chunks: [digest, digest], isCached: true)
    var lines: [UInt8] = []
    ChecksumLine.append(RawPath("a"), content, to: &lines)
    #expect(
      String(decoding: lines, as: UTF8.self) == """
        \(Self.digits)  a
        #chunk 0 8388608 \(Self.digits)
        #chunk 8388608 5 \(Self.digits)

        """)
  }
}
