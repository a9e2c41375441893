import Testing

@testable import Pipeline

@Suite struct SessionStartsTests {
  private static let starts = SessionStarts([
    .init(user: 7, time: 300), .init(user: 3, time: 100), .init(user: 7, time: 100),
    .init(user: 9, time: 50),
  ])

  @Test(
    arguments: [
      (7, 100, 100), (7, 299, 100), (7, 300, 300), (7, 9_999, 300), (7, 99, 100), (3, 100, 100),
      (3, 5_000, 100), (9, 49, 50), (9, 51, 50),
    ] as [(UInt64, Int64, Int64)])
  func `a row is of the session that began last before it, or of the user's first`(
    user: UInt64, time: Int64, start: Int64
  ) {
    #expect(Self.starts.start(user: user, time: time) == start)
  }

  @Test func `a user without a start has no session by time`() {
    #expect(Self.starts.start(user: 5, time: 100) == nil)
    #expect(Self.starts.start(user: 10, time: 100) == nil)
    #expect(SessionStarts([]).start(user: 7, time: 100) == nil)
    #expect(Self.starts.count == 4)
  }
}
