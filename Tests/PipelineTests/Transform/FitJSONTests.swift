import Testing

@testable import Pipeline

struct FitJSONTests {
  private func fit(_ document: String, _ refused: RefusedText = .replace) throws -> (String, Int) {
    let tape = try parsed(document)
    var out: [UInt8] = []
    let changed = tape.appendFitJSON(tape.root, refused: refused, to: &out)
    return (text(out), changed)
  }

  @Test(arguments: [
    #"{ "b" : 1.50 , "a":[ true ,null] }"#, #""\u0041\/""#, "1e400", "-0.0",
    "12345678901234567890123", #"{"a":{"b":[{}]}}"#,
  ])
  func `what jsonb takes is passed on byte for byte`(document: String) throws {
    let (out, changed) = try fit(document)
    #expect(out == document)
    #expect(changed == 0)
  }

  @Test(arguments: [
    (#"{"a":"x\u0000y","b" : [1, 2]}"#, "{\"a\":\"x\u{FFFD}y\",\"b\":[1, 2]}", 1),
    (#"["\ud83d","\ude00",1.0]"#, "[\"\u{FFFD}\",\"\u{FFFD}\",1.0]", 2),
    (#"{"k\u0000":1}"#, "{\"k\u{FFFD}\":1}", 1),
    ("[1e20000]", #"["1e20000"]"#, 0), (#"{"a":1,"a":2}"#, #"{"a~1":1,"a":2}"#, 0),
    (#"{"a":1,"a":2,"b":0,"a":3}"#, #"{"a~1":1,"a~2":2,"b":0,"a":3}"#, 0),
    (#"{"a~1":0,"a":1,"a":2}"#, #"{"a~1":0,"a~2":1,"a":2}"#, 0),
    (#"{"a":1,"a":2,"a~1":0}"#, #"{"a~2":1,"a":2,"a~1":0}"#, 0),
    (#"{"a":1,"\u0061":{"b":1,"b":2}}"#, #"{"a~1":1,"a":{"b~1":1,"b":2}}"#, 0),
    (#"{"\u0000":1,"\ufffd":2}"#, "{\"\u{FFFD}~1\":1,\"\u{FFFD}\":2}", 1),
    (#"{"\ufffd":1,"\u0000":2}"#, "{\"\u{FFFD}\":1,\"\u{FFFD}~1\":2}", 1),
    (#"{"\u0000":1,"\ud800":2,"x":3}"#, "{\"\u{FFFD}\":1,\"\u{FFFD}~1\":2,\"x\":3}", 2),
    (#"{"\u0000":1,"\u0000":2}"#, "{\"\u{FFFD}~1\":1,\"\u{FFFD}\":2}", 2),
  ])
  func `what jsonb does not take is changed as little as can be`(
    document: String, expected: String, count: Int
  ) throws {
    let (out, changed) = try fit(document)
    #expect(out == expected)
    #expect(changed == count)
  }

  @Test(arguments: [
    (#"["a\u0000"]"#, #"["a\\u0000"]"#),
    (#"{"\u0000":1,"\\u0000":2}"#, #"{"\\u0000~1":1,"\\u0000":2}"#),
  ])
  func `marks are text that can be read back`(document: String, expected: String) throws {
    #expect(try fit(document, .mark).0 == expected)
  }

  @Test func `a key that repeats twenty thousand times keeps all its values`() throws {
    let members = (0..<20_000).map { #""a":\#($0)"# }
    let out = try fit("{\(members.joined(separator: ","))}").0
    let kept = try parsed(out)
    #expect(kept.count(kept.root) == 20_000)
    #expect(kept[kept.root].flags == [])
    #expect(out.hasSuffix(#","a~19999":19998,"a":19999}"#))
  }
}
