@testable import Pipeline
import Testing

/// Documents too long for one tape of all their values.
@Suite struct JSONTapeSliceTests {
  private static let slicing = Slicing(names: ["turns"], elementLimit: 7, byteLimit: 64)

  private static let turns = (0..<40).map { index in
    switch index % 5 {
    case 0: #"{"role":"user", "content":"a, \"b\" [\#(index)"}"#
    case 1: "\(index)"
    case 2: #"["x", {"turns":[1,2]}, "\\"]"#
    case 3: #""plain\u0000""#
    default: #"{"a":1,"a":2}"#
    }
  }
  private static let document =
    #"{"thread_id":"t", "more":[1,2,{"x":[]}], "turns": [ \#(turns.joined(separator: " , ")) ], "end":null}"#

  private static func failure(_ bytes: [UInt8], slicing: Slicing?) throws -> JSONTape.Failure? {
    var tape = try emptyTape()
    return tape.parse(bytes, 0..<bytes.count, slicing: slicing)
  }

  @Test func `slices hold every element once, in order, with its position`() throws {
    let source = Array(Self.document.utf8)
    var tape = try emptyTape()
    #expect(tape.parse(source, 0..<source.count, slicing: Self.slicing) == nil)
    let list = try tape.needed("turns")
    let found = tape.slices(of: list)
    let sliced = try #require(found)
    #expect(sliced.count == Self.turns.count)
    #expect(tape.count(list) == 0)
    var elements: [String] = []
    var slice = try emptyTape()
    for one in sliced.slices {
      #expect(one.first == elements.count)
      #expect(one.count <= 7)
      #expect(slice.parseElements(source, one.range, mended: tape.mended) == nil)
      slice.forEachElement(slice.root) {
        elements.append(text(source[slice.sourceRange($0)]))
      }
      #expect(elements.count == one.first + one.count)
    }
    #expect(elements == Self.turns)
  }

  @Test func `the rest of the document and what its elements hand up are as on a whole tape`()
    throws
  {
    let source = Array(Self.document.utf8)
    let whole = try parsed(source)
    var tape = try emptyTape()
    #expect(tape.parse(source, 0..<source.count, slicing: Self.slicing) == nil)
    #expect(tape[tape.root].flags == whole[whole.root].flags)
    for name: StaticString in ["thread_id", "more", "turns", "end"] {
      let (one, other) = (try tape.needed(name), try whole.needed(name))
      #expect(tape.sourceRange(one) == whole.sourceRange(other))
      #expect(tape[one].flags == whole[other].flags)
    }
    #expect(tape.count(try tape.needed("more")) == 3)
  }

  @Test(arguments: [
    #"{"turns":[]}"#, #"{"turns":[ ]}"#, #"{"turns":null}"#, #"{"turns":"[1,2"}"#,

    #"{"a":{"b":{"turns":[1,2]}}}"#, #"{"t\u0075rns":[1,2]}"#,
  ])
  func `a list without elements, or that is no document's, is not sliced`(text: String) throws {
    var padded = Array(text.utf8)
    padded.insert(contentsOf: Array(repeating: 0x20, count: 100), at: 1)
    var tape = try emptyTape()
    #expect(tape.parse(padded, 0..<padded.count, slicing: Self.slicing) == nil)
    #expect(tape.slicedArrays.allSatisfy { $0.count == 0 && $0.slices.isEmpty })
  }

  @Test func `what is wrong with a document is told as of one parsed whole, wherever it is`() throws
  {
    let source = Array(Self.document.utf8)
    var failures = 0
    for place in stride(from: 0, to: source.count, by: 3) {
      for byte: UInt8 in [0x22, 0x5D, 0x2C, 0x01, 0xFF] {
        var damaged = source
        damaged[place] = byte
        let whole = try Self.failure(damaged, slicing: nil)
        #expect(try Self.failure(damaged, slicing: Self.slicing) == whole, "\(place) \(byte)")
        if whole != nil { failures += 1 }
      }
      let cut = Array(source[..<place])
      #expect(
        try Self.failure(cut, slicing: Self.slicing) == (try Self.failure(cut, slicing: nil)))
    }
    #expect(failures > 100)
  }
}
