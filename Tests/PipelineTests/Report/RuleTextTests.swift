internal import Testing

@testable internal import Pipeline

@Suite struct RuleTextTests {
  @Test func `each rule has a number of its own, without gaps`() {
    #expect(Rule.allCases.map(\.index).sorted() == Array(Rule.allCases.indices))
  }

  @Test func `no two rules have the same title`() {
    #expect(Set(Rule.allCases.map(\.title)).count == Rule.allCases.count)
  }
}
