import ObjectStore
import Testing

struct ObjectKeyTests {
  @Test(arguments: [
    "a", "a/b.png", "0b5e/4f.tar.gz", "x/y z.c++", "!-.*'()&$@=;:+,?_/A", "a..b/...",
  ])
  func `a key of allowed characters is taken as it is`(text: String) throws {
    #expect(try ObjectKey(text).text == text)
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "ä", "a%b", "a#b", "a~b", "a[b",
    "a{b",
    "a^b", "a|b", "a\"b", "a<b", "a>b", "a`b", "a\\b", "a\nb", "a\u{0}b", "日本",
    String(repeating: "a", count: 256),
    String(repeating: "a/", count: 512) + "a",
  ])
  func `a key that a server, a proxy or a file system would refuse or change is refused`(
    text: String
  ) {
    #expect {
      try ObjectKey(text)
    } throws: {
      ($0 as? ObjectStoreError)?.reason == .invalidKey
    }
  }

  @Test func `a digest is read in either case and written in lower case`() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(ContentDigest(of: []).description == empty)
    #expect(ContentDigest(hex: empty.uppercased()) == ContentDigest(of: []))
    #expect(ContentDigest(hex: String(empty.dropLast())) == nil)
    #expect(ContentDigest(hex: "é" + empty.dropFirst(2)) == nil)
    #expect(ContentDigest(bytes: [1]) == nil)
  }
}
