import Testing

@testable import Pipeline

struct KeyTableTests {
  private enum Field: String, CaseIterable, Sendable {
    case role, content, timestamp, files, images
    case toolName = "tool_name"
    case modelName = "model_name"
    case client = "client_friendly_name"
    case server = "client_friendly_note"
    case empty = ""
    case accented = "é"
  }

  @Test(
    arguments: [
      (#""role""#, "role"), (#""\u0072ole""#, "role"), (#""tool_name""#, "tool_name"),
      (#""model_name""#, "model_name"), (#""""#, ""), (#""\u00e9""#, "é"), (#""é""#, "é"),
      (#""Role""#, nil), (#""role ""#, nil), (#""rle""#, nil), (#""roll""#, nil),
      (#""role\u0000""#, nil), (#""rolerole""#, nil), (#""timestamp""#, "timestamp"),
      (#""client_friendly_name""#, "client_friendly_name"),
      (#""client_friendly_note""#, "client_friendly_note"), (#""client_freindly_name""#, nil),
      (#""tool_n\u0061me""#, "tool_name"), (#""tool_namE""#, nil), (#""model_namesake""#, nil),
    ] as [(String, String?)])
  func `a key names the field of its text however it is escaped`(key: String, name: String?) throws
  {
    let tape = try parsed("{\(key):1}")
    let field = KeyTable<Field>().field(JSONValue(index: 1), of: tape)
    #expect(field?.rawValue == name)
  }
}
