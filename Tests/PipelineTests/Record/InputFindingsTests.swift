internal import Testing

@testable internal import Pipeline

@Suite struct InputFindingsTests {
  @Test func `each rule is counted for each input, however they come mixed and merged`() {
    var all = InputFindings()
    for round in 0..<50 {
      var batch = InputFindings()
      for index in 0..<700 {
        batch.note(index % 2 == 0 ? .timeNaive : .timeTie, Int32(index % 9))
        if index % 7 == 0 { batch.note(.roleMissing, Int32(round)) }
      }
      all.merge(batch)
    }
    let counts = all.counts(3)
    #expect(counts.map(\.rule) == [.roleMissing, .timeNaive, .timeTie])
    #expect(counts.map(\.count) == [100, 1950, 1950])
    #expect(all.counts(49).map(\.count) == [100])
    #expect(all.counts(50).isEmpty)
  }

  @Test func `very many inputs in one batch are all counted`() {
    var findings = InputFindings()
    for input in 0..<20_000 { findings.note(.timeMissing, Int32(input)) }
    findings.note(.timeMissing, 0)
    #expect(findings.counts(0).map(\.count) == [2])
    #expect(findings.counts(19_999).map(\.count) == [1])
  }

  @Test func `a finding of the whole run is in no input`() {
    var findings = InputFindings()
    findings.note(.inputUnreadable, -1)
    #expect(findings.counts(0).isEmpty && findings.counts(-1).isEmpty)
  }
}
