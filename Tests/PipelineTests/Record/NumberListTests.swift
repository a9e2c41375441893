import Testing

@testable import Pipeline

@Suite struct NumberListTests {
  @Test(arguments: [
    ("[1]", true), ("[0.1,-2,3e5]", true), (" [ 1 , 2.50E-7 ] ", true), ("[]", true), ("[0]", true),
    ("", false), ("[", false), ("[1", false), ("[1,]", false), ("[,1]", false), ("[01]", false),
    ("[.5]", false), ("[1.]", false), ("[+1]", false), ("[1e]", false), ("[NaN]", false),
    ("[Infinity]", false), ("[1] x", false), ("[1 2]", false), ("1", false), ("[[1]]", false),
    ("{1,2}", false), ("[\"1\"]", false), ("[-]", false), ("[1,null]", false),
  ])
  func `numbers in brackets are a list, as JSON has it`(text: String, isList: Bool) {
    let bytes = Array("x\(text)]".utf8)
    #expect(bytes.span.isNumberList(1..<bytes.count - 1) == isList)
  }
}
