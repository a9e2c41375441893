internal import Testing

@testable internal import Pipeline

@Suite struct RejectClustersTests {
  private func reject(
    _ rule: Rule, line: Int, field: String? = nil, message: String = "m", value: ValueShape? = nil
  ) -> Reject {
    var reject = Reject(
      kind: .message, input: "a.jsonl",
      place: Place(input: 0, line: line, byteOffset: line * 10, byteLength: 9), stage: .validate,
      rule: rule, field: field, message: message, bytes: [])
    reject.value = value
    return reject
  }

  @Test func `rejects of one rule, field and value are one cluster, whatever turn they are`() {
    var clusters = RejectClusters()
    clusters.add(reject(.roleMissing, line: 9, field: "turns[12].role", message: "later"))
    clusters.add(reject(.roleMissing, line: 2, field: "turns[3].role", message: "first"))
    clusters.add(reject(.roleMissing, line: 5, field: "role"))
    #expect(clusters.ranked.map(\.total) == [2, 1])
    #expect(clusters.ranked[0].shape.field == "turns[].role")
    #expect(clusters.ranked[0].example.message == "first")
    #expect(clusters.ranked[0].example.place.line == 2)
  }

  @Test func `unknown roles are told apart by their word, with the setting that helps`() {
    var clusters = RejectClusters()
    for (line, word) in [(1, "moderator"), (2, "on"), (3, "a: b"), (4, "moderator")] {
      clusters.add(reject(.roleUnknown, line: line, value: ValueShape(.text, pattern: word)))
    }
    #expect(
      clusters.ranked.map { $0.change?.setting } == [
        "transform.roles={moderator: system}", #"transform.roles={"on": system}"#,
        #"transform.roles={"a: b": system}"#,
      ])
  }

  @Test func `of an impossible time the setting names the bound it is beyond`() {
    var early = ValueShape(.text, pattern: "1999")
    early.bound = .earliest
    var late = ValueShape(.number, pattern: "2077")
    late.bound = .latest
    var clusters = RejectClusters()
    clusters.add(reject(.timeRange, line: 1, value: early))
    clusters.add(reject(.timeRange, line: 2, value: late))
    #expect(
      clusters.ranked.map { $0.change?.setting } == [
        "transform.earliest=1999-01-01", "transform.latest=2077-12-31T23:59:59Z",
      ])
  }

  @Test func `shapes beyond the limit share one count, and those told apart stay exact`() {
    var clusters = RejectClusters()
    let limit = RejectClusters.limit
    for line in 0..<limit + 30 {
      clusters.add(reject(.roleUnknown, line: line, value: ValueShape(.text, pattern: "r\(line)")))
    }
    for line in [0, limit + 1] {
      clusters.add(reject(.roleUnknown, line: line, value: ValueShape(.text, pattern: "r\(line)")))
    }
    #expect(clusters.total == limit + 32)
    #expect(clusters.others == 31)
    #expect(clusters.ranked.count == limit)
    #expect(clusters.ranked[0].total == 2 && clusters.ranked[0].shape.value?.pattern == "r0")
  }

  @Test func `a mask shows how a time is written and not which it is`() {
    #expect(ValueShape.mask(Array("24/12/2024 10:22 Pm".utf8)) == "99/99/9999 99:99 aa")
    #expect(ValueShape.mask(Array("Montag é\u{0}".utf8)) == "aaaaaa ??")
    #expect(ValueShape.mask(Array(String(repeating: "1", count: 99).utf8)).count == 32)
  }
}
