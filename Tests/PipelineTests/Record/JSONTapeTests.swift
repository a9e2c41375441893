import Testing

@testable import Pipeline

struct JSONTapeTests {
  @Test(arguments: [
    "{}", "[]", "[[]]", "[{}]", #"{"":0}"#, #"{"a":[]}"#, "0", "-0", "-0.0", "0e1", "0e+1",
    "1E22", "1e-2", "-1", "123.456e78", "[-0]", "[0e+1]", "[1E-2]", "true", "false", "null",
    #""""#, #""a""#, #""é☃𝄞""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041\uD834\uDD1E""#, "\"\u{7F}\"",
    "\"\u{2028}\u{85}\"", " [1 , 2\t,\r\n3 ] ", #"{"a":1,"a":2}"#, #"["a","b"]"#, #"["\\"]"#,
    #"["\\\\\""]"#, #"{"a":{"b":{"c":[{}]}}}"#, "[1,[2,[3]]]", #"["[{}]:,"]"#, "[null,true,false]",
    "\"\u{FFFF}\u{10FFFF}\"", "  0  ", "[ ]", "{ }", #"[""]"#, "[100000000000000000000000000]",
  ])
  func `what RFC 8259 allows has a tape`(document: String) {
    #expect(failure(Array(document.utf8)) == nil)
  }

  @Test(arguments: [
    "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", #"{"a":1,}"#, "{,}", #"{"a"}"#, #"{"a":}"#,
    #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a":1:2}"#, "{a:1}", "{1:1}", #"{"a":1,,"b":2}"#,
    #"{[]:1}"#, #"{null:1}"#, "[}", "{]", #"["a":1]"#, #"{"a",1}"#, "]", "}", "1]", "[]]", "{}}",
    "[][]", "{}{}", "1 2", "[] 1", #"{} "a""#, ",", ":", "[1],", "tru", "truee", "True", "nul",
    "nulll", "falsey", "NaN", "Infinity", "-Infinity", "01", "-01", "00", "+1", "-", "--1", ".5",
    "1.", "1.e1", "-.5", "1e", "1e+", "1e1.5", "1e1e1", "0x1", "1_000", "1a", "1,", "[1a]",
    "[1 a]", "'a'", #"["a"b]"#, #"["a""b"]"#, #"["a" "b"]"#, #"[1"a"]"#, #"["a"1]"#, #"[true"a"]"#,
    #""\x""#, #""\u""#, #""\u12""#, #""\u12G4""#, #""\U0041""#, #""\ ""#, #""\'""#, #""\0""#,
    "/* */ 1", "1 // a", "[1]#", "\u{FEFF}1", "[\u{A0}1]", "[1]\u{2028}", "\u{0C}1", "\u{0B}[]",
    "\\", "[\\n]", "*", "<null>", "abc", "ａ",
  ])
  func `what RFC 8259 does not allow is a syntax error`(document: String) {
    guard case .syntax = failure(Array(document.utf8)) else {
      Issue.record("\(document): \(String(describing: failure(Array(document.utf8))))")
      return
    }
  }

  @Test(arguments: [
    "[", "{", "[1", "[1,", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,"#, #"["a"#, #""a"#, "\"",
    #""a\"#, #""a\""#, "[[[[", #"[{"a":[1,2],"b""#, #"["\u00"#,
  ])
  func `a document that ends early is truncated`(document: String) {
    #expect(failure(Array(document.utf8)) == .truncated)
  }

  @Test(arguments: ["", " ", "\n\t\r "])
  func `nothing but white space is empty`(document: String) {
    #expect(failure(Array(document.utf8)) == .empty)
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xE2, 0x82, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22],
      [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(document: [UInt8]) {
    #expect(failure(document) == .notUTF8)
  }

  @Test(arguments: [0x00, 0x01, 0x09, 0x0A, 0x0D, 0x1F] as [UInt8])
  func `a bare control character inside a string is refused`(control: UInt8) {
    #expect(failure([0x22, 0x61, control, 0x22]) == .controlCharacter)
  }

  @Test func `depth is allowed up to the limit and refused beyond it`() {
    let limit = JSONTape.depthLimit
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    #expect(failure(nested(limit)) == nil)
    #expect(failure(nested(limit + 1)) == .tooDeep(offset: limit))
    #expect(failure(nested(100_000)) == .tooDeep(offset: limit))
  }

  @Test(
    arguments: [
      (#"["a\n"]"#, JSONTape.Flags.escaped), (#"["\u0000"]"#, [.escaped, .numbered, .nul]),
      (#"["\u00e9"]"#, [.escaped, .numbered]), (#"["\ud83d\ude00"]"#, [.escaped, .numbered]),
      (#"["\ud83d"]"#, [.escaped, .numbered, .surrogate]),
      (#"["\ude00"]"#, [.escaped, .numbered, .surrogate]),
      (#"["\ude00\ud83d"]"#, [.escaped, .numbered, .surrogate]),
      (#"["\ud83dx"]"#, [.escaped, .numbered, .surrogate]),
      (#"["\ud83d\n"]"#, [.escaped, .numbered, .surrogate]),
      (#"["\ud83d\ud83d\ude00"]"#, [.escaped, .numbered, .surrogate]),
      (#"["\\u0000"]"#, .escaped), (#"["\\ud83d"]"#, .escaped), (#"["plain"]"#, []), ("[1]", []),
      ("[1e20000]", .hugeNumber), ("[1e-20000]", .hugeNumber), ("[1e400]", []),
      ("[18446744073709551616]", []),
    ] as [(String, JSONTape.Flags)])
  func `a value's flags tell what is special about it`(document: String, flags: JSONTape.Flags)
    throws
  {
    let tape = try parsed(document)
    #expect(tape[JSONValue(index: 1)].flags == flags)
    #expect(tape[JSONValue(index: 0)].flags == flags.intersection(.unfit))
  }

  @Test func `containers inherit what makes their bytes unfit`() throws {
    let tape = try parsed(#"{"a":[{"b\u0000":1}],"c":[1]}"#)
    #expect(tape[tape.root].flags == .nul)
    let inner = try tape.needed("a")
    #expect(tape[inner].flags == .nul)
    let clean = try tape.needed("c")
    #expect(tape[clean].flags == [])
  }

  @Test(
    arguments: [
      (#"{"a":1,"b":2}"#, []), (#"{"a":1,"a":2}"#, [0]), (#"{"a":1,"b":2,"a":3,"a":4}"#, [0, 2]),
      (#"{"a":1,"\u0061":2}"#, [0]), (#"{"\u0061":1,"a":2}"#, [0]), (#"{"":1,"":2}"#, [0]),
      (#"{"abc":1,"adc":2,"aec":3}"#, []), (#"{"a":{"a":1}}"#, []),
      (#"{"\ud83d\ude00":1,"😀":2}"#, [0]), (#"{"é":1,"e\u0301":2}"#, []),
    ] as [(String, [Int])])
  func `of keys that repeat all but the last are shadowed`(document: String, shadowed: [Int]) throws
  {
    let tape = try parsed(document)
    var found: [Int] = []
    var number = 0
    tape.forEachMember(tape.root) { key, _ in
      if tape[key].flags.contains(.shadowed) { found.append(number) }
      number += 1
    }
    #expect(found == shadowed)
    #expect(tape[tape.root].flags.contains(.duplicates) == !shadowed.isEmpty)
  }

  @Test func `many keys of one length are all found to be different`() throws {
    let members = (0..<500).map { #""k\#(1000 + $0)":\#($0)"# }
    let tape = try parsed("{\(members.joined(separator: ","))}")
    #expect(tape[tape.root].flags == [])
    #expect(tape.count(tape.root) == 500)
  }

  @Test func `the last of two members of one name is the one that is read`() throws {
    let tape = try parsed(#"{"a":1,"a":2,"b":null}"#)
    let value = try tape.needed("a")
    #expect(text(tape.bytes[tape.range(value)]) == "2")
    #expect(tape.member(tape.root, "b") != nil)
    #expect(tape.present(tape.root, "b") == nil)
    #expect(tape.member(tape.root, "c") == nil)
  }

  @Test func `ranges point into the source, strings without and with their quotes`() throws {
    let tape = try parsed(#" {"key" : "va\"lue" , "n":[ -1.5e3 ,true]} "#)
    let string = try tape.needed("key")
    #expect(text(tape.bytes[tape.range(string)]) == #"va\"lue"#)
    #expect(text(tape.bytes[tape.sourceRange(string)]) == #""va\"lue""#)
    let list = try tape.needed("n")
    #expect(text(tape.bytes[tape.range(list)]) == "[ -1.5e3 ,true]")
    var elements: [String] = []
    tape.forEachElement(list) { elements.append(text(tape.bytes[tape.range($0)])) }
    #expect(elements == ["-1.5e3", "true"])
    #expect(tape.range(tape.root) == 1..<tape.bytes.count - 1)
  }

  @Test func `a part of a buffer is parsed with offsets that count from the buffer's start`() throws
  {
    var tape = try emptyTape()
    let source = Array(#"xx{"a":"b"}yy"#.utf8)
    #expect(tape.parse(source, 2..<11) == nil)
    let value = try tape.needed("a")
    #expect(text(source[tape.range(value)]) == "b")
    #expect(tape.parse(source, 2..<12) == .syntax(offset: 9))
    #expect(tape.parse(source, 0..<11) == .syntax(offset: 0))
    #expect(tape.parse(source, 3..<3) == .empty)
  }

  @Test(arguments: [
    ("[1,]", 3), (#"{"a":tru}"#, 5), ("[1] x", 4), (#"{"a":"\x"}"#, 5), ("[[1],[2}]", 7),
  ])
  func `a syntax error says at which byte it is`(document: String, offset: Int) {
    #expect(failure(Array(document.utf8)) == .syntax(offset: offset))
  }

  @Test func `a tape is as good for the next record after a failure and after shrinking`() throws {
    var tape = try emptyTape()
    for document in ["[1", #"{"a":1,"a":2}"#, "]", "[1,[2]]"] {
      let bytes = Array(document.utf8)
      _ = tape.parse(bytes, 0..<bytes.count)
      tape.shrink()
    }
    let bytes = Array("[1,[2]]".utf8)
    #expect(tape.parse(bytes, 0..<bytes.count) == nil)
    #expect(tape.count == 4)
    #expect(tape[tape.root].flags == [])
  }

  @Test(arguments: [
    (#""name""#, true), (#""na\u006de""#, true), (#""Name""#, false), (#""nam""#, false),
    (#""name ""#, false), ("1", false), (#""\u006eame""#, true),
  ])
  func `a string equals a text however it is escaped`(document: String, expected: Bool) throws {
    let tape = try parsed(document)
    #expect(tape.equals(tape.root, "name") == expected)
  }

  @Test(arguments: [
    (#""""#, true), (#"" ""#, true), (#""\n""#, true), (#""\t \r\n""#, true), (#""\u0020""#, true),
    (#""a""#, false), (#"" \n a""#, false), (#""\u0041""#, false), (#""\\n""#, false),
    (#""\u0000""#, false),
  ])
  func `a string of white space alone is blank however it is escaped`(
    document: String, expected: Bool
  ) throws {
    let tape = try parsed(document)
    #expect(tape.isBlank(tape.root) == expected)
  }
}
