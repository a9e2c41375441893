internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct FileManifestTests {
  private static func read(_ name: String, _ text: String) async throws -> FileManifest {
    try await TemporaryDirectory.with { directory in
      try FileManifest(path: try directory.write(name, text), input: 3, zones: try .own())
    }
  }

  private static func shown(_ manifest: FileManifest) -> [String] {
    manifest.entries.map { entry in
      let metadata = String(decoding: entry.metadata, as: UTF8.self)
      return
        "\(entry.place.line) \(entry.shown) \(entry.continuationId ?? "-") \(entry.tags) \(metadata)"
    }
  }

  @Test func `CSV has columns in any order, quotes, blank lines and line ends of any kind`()
    async throws
  {
    let manifest = try await Self.read(
      "m.csv",
      "\u{FEFF}Tags,path,metadata,continuation_id\r\n"
        + "a; b ;,one.txt,,s1\r\n\r\n"
        + ",\"t,w\"\"o\n.txt\",\"{\"\"n\"\": 1}\",\n"
        + ",last.txt,{},s2")
    #expect(
      Self.shown(manifest) == [
        #"2 one.txt s1 ["a", "b"] "#, "4 t,w\"o\n.txt - [] \"n\": 1", "6 last.txt s2 [] ",
      ])
    #expect(manifest.problems.isEmpty)
    let entry = manifest.entries[0]
    #expect(String(decoding: manifest.source(entry.source), as: UTF8.self) == "a; b ;,one.txt,,s1")
    #expect(entry.place.input == 3)
  }

  @Test func `JSONL has an object a line`() async throws {
    let manifest = try await Self.read(
      "m.jsonl",
      #"""
      {"path": "a\u0041.txt", "continuation_id": "s", "tags": ["x", "y"], "metadata": {"k": [1.0]}}

      {"path": "b", "continuation_id": null, "other": 1}
      """#)
    #expect(
      Self.shown(manifest) == [#"1 aA.txt s ["x", "y"] "k": [1.0]"#, "3 b - [] "])
    #expect(manifest.problems.isEmpty)
  }

  @Test func `a line that says nothing of a file is told with its place`() async throws {
    let csv = try await Self.read(
      "m.csv", "path,metadata\na\nb,[]\nc,{\"legacy\": 1}\n\"d\"x,\n,{}\n\"e")
    #expect(csv.entries.isEmpty)
    #expect(csv.problems.map { $0.place.line } == [2, 3, 4, 5, 6, 7])
    let jsonl = try await Self.read(
      "m.jsonl",
      "[]\n{\"path\": 1}\n{\"path\": \"a\", \"tags\": \"x\"}\n{\"path\": \"a\", \"tags\": [1]}\n"
        + "{\"path\": \"a\", \"metadata\": []}\n{\"path\": \"a\\u0000\"}\n{\n"
        + "{\"path\": \"a\", \"continuation_id\": 7}")
    #expect(jsonl.entries.isEmpty)
    #expect(jsonl.problems.map { $0.place.line } == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(jsonl.problems[6].rule == .jsonTruncated)
  }

  @Test func `CSV without a column path is refused`() async throws {
    let error = await #expect(throws: RunError.self) {
      try await Self.read("m.csv", "file,tags\na,b\n")
    }
    #expect(error?.kind == .fileAccess)
    #expect(error?.message.contains("names no column path") == true)
  }
}
