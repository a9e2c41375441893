import Testing

@testable import Archive

@Suite struct ContentDigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func `digests are those of FIPS 180-4`(text: String, hex: String) throws {
    let bytes = Array(text.utf8)
    #expect(ContentDigest(of: bytes.span).hex == hex)
    #expect(ContentDigest(hex: hex) == ContentDigest(of: bytes.span))
  }

  @Test func `how bytes are cut has no meaning`() {
    let bytes = Array("a text of some length".utf8)
    var hash = ContentHash()
    hash.update(bytes.span.extracting(0..<5))
    hash.update(bytes.span.extracting(5..<bytes.count))
    #expect(hash.digest == ContentDigest(of: bytes.span))
  }

  @Test(arguments: [
    "", "ba78", String(repeating: "g", count: 64), String(repeating: "A", count: 64),
  ])
  func `what is not 64 lower-case hexadecimal digits is no digest`(text: String) {
    #expect(ContentDigest(hex: text) == nil)
  }
}
