internal import Testing

@testable internal import Pipeline

@Suite struct ParentCycleTests {
  /// Sessions by number, each with its parent's.
  private static func scene(_ parents: [Int: Int?]) -> RuleScene {
    let threads = parents.sorted { $0.key < $1.key }.map { number, parent in
      RuleScene.thread(
        "t-\(number)", [], parent.map { ",\"parent_thread_id\":\"t-\($0)\"" } ?? "")
    }
    return RuleScene(files: ["a.jsonl": threads.joined()])
  }

  @Test func `each session on a cycle counts, and none that only leads to it`() async throws {
    let scene = Self.scene([1: 2, 2: 3, 3: 1, 4: 1, 5: 4, 6: 7, 7: 6])
    try await scene.run { report, _ in
      #expect(report.findings.total(.parentCycle) == 5)
      let lines = report.findings.samples[Rule.parentCycle.index].map(\.place.line)
      #expect(lines == [1, 2, 3, 6, 7])
    }
  }

  @Test func `a long line of ancestors is none`() async throws {
    let line = Dictionary(uniqueKeysWithValues: (0..<25).map { ($0, $0 == 0 ? nil : $0 - 1) })
    #expect(try await Self.scene(line).found(.parentCycle) == 0)
  }
}
