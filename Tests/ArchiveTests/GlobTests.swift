import Archive
import Foundation
import Testing

@Suite struct GlobTests {
  @Test func `matches come in byte order, without dotted names`() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("b.jsonl")
    for name in ["c.jsonl", "B.jsonl", "a-1.jsonl", "a.jsonl", ".d.jsonl", "e.json"] {
      try scratch.write(name, [])
    }
    let found = try Glob.paths(matching: scratch.path("*.jsonl"))
    #expect(
      found.paths
        == ["B.jsonl", "a-1.jsonl", "a.jsonl", "b.jsonl", "c.jsonl"].map { scratch.path($0) })
    #expect(found.unreadable == [])
  }

  @Test(arguments: ["*.csv", "absent/*.jsonl", "{a,b}.jsonl", "~"])
  func `nothing is found where nothing matches`(pattern: String) throws {
    let scratch = try Scratch()
    for name in ["a.jsonl", "b.jsonl"] { try scratch.write(name, []) }
    let found = try Glob.paths(matching: scratch.path(pattern))
    #expect(found.paths == [])
  }

  @Test func `files and broken links among directories do not stop a deeper pattern`() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("a")
    for name in ["a/x.jsonl", "file"] { try scratch.write(name, []) }
    try scratch.link("dangling", to: "absent")
    try scratch.link("self", to: "self")
    let found = try Glob.paths(matching: scratch.path("*/*.jsonl"))
    #expect(found.paths == [scratch.path("a/x.jsonl")])
  }

  @Test func `a directory that cannot be read is an error and not an empty answer`() throws {
    let scratch = try Scratch()
    try scratch.link("self", to: "self")
    let pattern = scratch.path("self/*.jsonl")
    let error = #expect(throws: FileError.self) { _ = try Glob.paths(matching: pattern) }
    #expect(error == FileError(.expand, path: pattern, errno: ELOOP))
  }

  @Test func `a name that is not UTF-8 is reported`() throws {
    let scratch = try Scratch()
    let name = Array(scratch.path.utf8) + [UInt8(ascii: "/"), 0xE9, 0]
    let descriptor = unsafe open(name.map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY, 0o600)
    #expect(descriptor >= 0 && close(descriptor) == 0)
    let found = try Glob.paths(matching: scratch.path("*"))
    #expect(found.paths == [])
    #expect(
      found.unreadable == [FileError(.decode, path: scratch.path("\\xe9"), errno: EILSEQ)])
  }

  @Test(arguments: [("a*.gz", true), ("a?.gz", true), ("[ab].gz", true), ("a b{c}~.gz", false)])
  func `a pattern is told from a plain path`(text: String, isPattern: Bool) {
    #expect(Glob.isPattern(text) == isPattern)
  }
}
