internal import Testing

@testable internal import Pipeline

@Suite struct IdCollisionTests {
  @Test(arguments: [
    ("0b1d-2", "{0B1D-2}", 1), ("0b1d-2", "urn:uuid:0b1d-2", 1), ("thread:0b1d-2", "0b1d-2", 1),
    ("0b1d-2", "0b1d-2", 0), ("0b1d-2", "0b1d-3", 0), ("{0b1d-2", "0b1d-2}", 0),
  ])
  func `spellings of one key collide`(first: String, second: String, expected: Int) async throws {
    let scene = RuleScene(files: [
      "a.jsonl": RuleScene.thread(first, []) + RuleScene.thread(second, [])
    ])
    #expect(try await scene.found(.idCollision) == expected)
  }

  @Test func `so do states of a thread that disagree on when it was made`() async throws {
    let threads = ["2025-10-01", "2025-10-02", "2025-10-02"].map {
      RuleScene.thread("t-1", [], ",\"created_at\":\"\($0)T00:00:00Z\"")
    }
    let scene = RuleScene(files: ["a.jsonl": threads.joined()])
    let found = try await scene.found()
    #expect(found[.idCollision] == 1)
    #expect(found[.idRepeated] == 1)
  }
}
