import Testing

@testable import Pipeline

struct CanonicalJSONTests {
  @Test(arguments: [
    ("{}", "{}"), (" [ ] ", "[]"),
    (#"{ "b" : 1 , "a" : [ true , null ] }"#, #"{"a":[true,null],"b":1}"#),
    (#"{"é":1,"z":2,"Z":3,"":4}"#, #"{"":4,"Z":3,"z":2,"é":1}"#),
    (#"{"ab":1,"a":2,"a\u0000":3}"#, "{\"a\":2,\"a\\u0000\":3,\"ab\":1}"),
    (#"["\u0041\/\u00e9\ud83d\ude00"]"#, #"["A/é😀"]"#),
    (#"["\b\f\n\r\t\u001f\"\\"]"#, #"["\b\f\n\r\t\u001f\"\\"]"#),
    ("[1.0,1,1e0,-0,100]", "[1.0,1,1e0,-0,100]"),
    (#"{"a":1,"\u0061":2,"a":0}"#, #"{"a":1,"a":2,"a":0}"#),
    (#"{"b":{"d":1,"c":2},"a":0}"#, #"{"a":0,"b":{"c":2,"d":1}}"#),
  ])
  func `white space, order and escapes do not change the canonical text`(
    document: String, expected: String
  ) throws {
    #expect(text(try canonical(Array(document.utf8))) == expected)
  }

  @Test func `the digest is SHA-256 of the canonical text`() throws {
    let tape = try parsed(#"{ "b" : [1, "\u00e9\n"], "a" : null }"#)
    // Python: hashlib.sha256('{"a":null,"b":[1,"é\\n"]}'.encode()).hexdigest()
    #expect(
      text(hexText(CanonicalJSON.digest(tape.root, of: tape)))
        == "c46d0a23acf19afe51d9fc9a08040e14a409df1595fb0ba12e6177032a71b678")
  }

  @Test func `records that differ in one code unit have different digests`() throws {
    let texts = [#""\ud83d""#, #""\ud83e""#, #""\ufffd""#, #""\\ud83d""#, #""\u0000""#, #""""#]
    var digests: Set<[UInt8]> = []
    for document in texts {
      let tape = try parsed(document)
      digests.insert(CanonicalJSON.digest(tape.root, of: tape))
    }
    #expect(digests.count == texts.count)
  }
}
