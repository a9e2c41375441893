import Testing

@testable import Pipeline

struct KeyTableTests {
  private enum Field: String, CaseIterable, Sendable {
    case role, content, timestamp, files, images
    case toolName = "tool_name"
    case modelName = "model_name"
    case empty = ""
    case accented = "é"
  }

  @Test(
    arguments: [
      (#""role""#, "role"), (#""\u0072ole""#, "role"), (#""tool_name""#, "tool_name"),
      (#""model_name""#, "model_name"), (#""""#, ""), (#""\u00e9""#, "é"), (#""é""#, "é"),
      (#""Role""#, nil), (#""role ""#, nil), (#""rle""#, nil), (#""roll""#, nil),
      (#""role\u0000""#, nil),
    ] as [(String, String?)])
  func `a key names the field of its text however it is escaped`(key: String, name: String?) throws
  {
    let tape = try parsed("{\(key):1}")
    let field = KeyTable<Field>().field(JSONValue(index: 1), of: tape)
    #expect(field?.rawValue == name)
  }
}
