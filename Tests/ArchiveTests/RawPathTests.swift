import Archive
import Testing

@Suite struct RawPathTests {
  @Test func `a path for people shows the bytes that are no text`() {
    #expect(RawPath("a/é").text == "a/é")
    #expect(RawPath([0x61, 0x2F, 0xFF]).text == "a/\\xff")
    #expect(RawPath([0x61, 0x2F, 0xFF]).validText == nil)
  }

  @Test(arguments: [
    ("a", "a"), ("a/b", "b"), ("a/b/", "b"), ("/", ""), ("", ""), ("a//b//", "b"), ("/a", "a"),
  ])
  func `the last component has no slashes`(path: String, component: String) {
    #expect(RawPath(path).lastComponent.elementsEqual(component.utf8))
  }

  @Test func `names that look alike are two`() {
    #expect(RawPath("e\u{301}") != RawPath("é"))
    #expect(RawPath("e\u{301}").precedes(RawPath("é")))
    #expect(!RawPath("é").precedes(RawPath("e\u{301}")))
  }
}
