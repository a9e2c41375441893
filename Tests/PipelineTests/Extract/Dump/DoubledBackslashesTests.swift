import Testing

@testable import Pipeline

struct DoubledBackslashesTests {
  private static func isDoubled(_ values: [String]) throws -> Bool {
    guard var tape = JSONTape() else { throw RunError(.failed, "out of memory") }
    var column = DoubledBackslashes()
    for value in values { column.look(at: Array(value.utf8), &tape) }
    return column.isDoubled
  }

  @Test func `a column is doubled when a value is JSON only with half of its backslashes`() throws {
    #expect(try Self.isDoubled([#"{"a":"b"}"#, #"{"a":"\\"b\\""}"#, #"{"a":"x\\ny"}"#]))
  }

  @Test func `one run of odd length shows that nothing was doubled`() throws {
    #expect(try !Self.isDoubled([#"{"a":"\\"b\\""}"#, #"{"a":"\n"}"#]))
    #expect(try !Self.isDoubled([#"{"a":"\n"}"#, #"{"a":"\\"b\\""}"#]))
  }

  @Test func `paths that are JSON as they stand are left alone`() throws {
    #expect(try !Self.isDoubled([#"{"a":"C:\\Project\\new"}"#]))
    #expect(try !Self.isDoubled([#"{"a":"C:\\new"}"#]))
    #expect(try !Self.isDoubled([#"{"a":"\\"b\\""}"#, #"{"a":"C:\\Project"}"#]))
  }

  @Test func `half of them is half of each run`() {
    #expect(
      DoubledBackslashes.undone(Array(#"a\\nb\\\\"#.utf8)).map {
        String(decoding: $0, as: UTF8.self)
      }
        == #"a\nb\\"#)
    #expect(DoubledBackslashes.undone(Array(#"a\\\b"#.utf8)) == nil)
  }
}
