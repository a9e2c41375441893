internal import Testing

@testable internal import Pipeline

@Suite struct NameTallyTests {
  private func tally(_ names: [String]) -> NameTally {
    var tally = NameTally()
    for name in names { tally.count(Array(name.utf8).span) }
    return tally
  }

  private func counts(_ tallies: [NameTally]) -> NameCounts {
    var counts = NameCounts()
    for tally in tallies { counts.add(tally) }
    return counts
  }

  @Test func `names are counted by their bytes, the most frequent first`() {
    let names = ["kimi", "glm", "kimi", "", "KIMI", "kimi"]
    let ranked = counts([tally(names)]).ranked
    #expect(ranked.map(\.name) == ["kimi", "", "KIMI", "glm"])
    #expect(ranked.map(\.count) == [3, 1, 1, 1])
  }

  @Test func `hundreds of names are each counted as a dictionary would`() {
    let names = (0..<5000).map { "model-\($0 * $0 % 700)" }
    let wanted = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    let found = counts([tally(Array(names[..<2100])), tally(Array(names[2100...]))])
    #expect(Dictionary(uniqueKeysWithValues: found.ranked.map { ($0.name, $0.count) }) == wanted)
    #expect(found.isExact && found.others == 0)
  }

  @Test func `beyond the limit names share one count, and those told apart stay exact`() {
    let early = tally(["first"] + (0..<1500).map { "n\($0)" })
    let late = tally(["first", "late", "first"])
    let found = counts([early, late])
    #expect(found.nameCount == NameCounts.limit)
    #expect(found.ranked.first?.name == "first" && found.ranked.first?.count == 3)
    #expect(found.others == 502)
    #expect(found.total == 1504)
    #expect(found.isExact)
  }

  @Test func `a batch with more names than it tells apart says that counts may be too low`() {
    let found = counts([tally((0...NameTally.nameLimit).map { "n\($0)" })])
    #expect(!found.isExact)
    #expect(found.total == NameTally.nameLimit + 1)
  }

  @Test func `a name that is very long is counted with the others`() {
    let long = String(repeating: "x", count: NameTally.lengthLimit + 1)
    let found = counts([tally([long, "short", long])])
    #expect(found.others == 2 && found.nameCount == 1 && found.isExact)
  }

  @Test func `a cleared tally counts from nothing`() {
    var cleared = tally(["a", "b"])
    cleared.countAbsent()
    cleared.clear()
    #expect(counts([cleared]).total == 0)
    cleared.count(Array("b".utf8).span)
    #expect(counts([cleared]).ranked.map(\.name) == ["b"])
  }

  @Test func `names that are spelled alike add up, and one that is none counts as absent`() {
    var found = NameCounts()
    found.add(tally(["Zai", "glm", "unknown"])) { name in
      switch ProviderName.read(name) {
      case .asWritten: name
      case .respelled(let known): known
      case .none: nil
      }
    }
    #expect(found.ranked.map(\.name) == ["glm"] && found.ranked.map(\.count) == [2])
    #expect(found.absent == 1)
  }
}
