import Testing

@testable import Pipeline

struct DefaultTitleTests {
  @Test(arguments: [
    ("Conversation 5d0c9a64", true), ("Conversation 5d0c9a6", false),
    ("Conversation 5d0c9a64-1f0e", false), ("Conversation about 5d0c9a64", false),
    ("EXAI Chat 10/24/2025, 10:10:35 AM", true), ("EXAI Chat 24.10.2025, 10:10:35", true),
    ("EXAI Chat 24/10/2025, 10:10:35\u{202F}p.m.", true), ("EXAI Chat", false),
    ("EXAI Chat 2 with Ada", false), ("EXAI Chat about birds", false), ("Seeds", false),
    ("", false),
  ])
  func `a title that a writer made up is told from one that somebody gave`(
    title: String, isDefault: Bool
  ) {
    let id = Array("5d0c9a64-1f0e-4f7a-9c55-6a0d1be2f301".utf8)
    #expect(DefaultTitle.isOne(Array(title.utf8), of: id) == isDefault)
  }
}
