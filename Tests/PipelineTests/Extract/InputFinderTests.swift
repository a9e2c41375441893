import Testing

@testable import Pipeline

struct InputFinderTests {
  @Test func `a directory gives the files of its format in order, with names relative to it`()
    throws
  {
    try ScratchFiles.with { files in
      for name in ["b.jsonl", "a.jsonl.gz", "sub/c.jsonl", "notes.txt", "d.json", ".hidden.jsonl"] {
        try files.write(name, "{}\n")
      }
      let chats = try InputFinder.find([files.path], format: .one(.chatHistory))
      #expect(chats.inputs.map(\.name) == ["a.jsonl.gz", "b.jsonl", "sub/c.jsonl"])
      #expect(chats.inputs.map(\.index) == [0, 1, 2])
      #expect(chats.inputs.map(\.size) == [3, 3, 3])
      #expect(chats.skipped.count == 2)
      let threads = try InputFinder.find(["\(files.path)/"], format: .one(.threads))
      #expect(threads.inputs.map(\.name) == ["a.jsonl.gz", "b.jsonl", "d.json", "sub/c.jsonl"])
      #expect(threads.skipped.count == 1)
    }
  }

  @Test func `a file named outright is read whatever it is called`() throws {
    try ScratchFiles.with { files in
      let path = try files.write("dump.bak", "{}\n")
      let found = try InputFinder.find([path], format: .one(.threads))
      #expect(found.inputs.map(\.path) == [path])
      #expect(found.inputs.map(\.name) == ["dump.bak"])
    }
  }

  @Test func `a pattern gives what it matches, a file of that very name itself`() throws {
    try ScratchFiles.with { files in
      try files.write("a1.jsonl", "{}")
      try files.write("a2.jsonl", "{}")
      try files.write("b[1].jsonl", "{}")
      let found = try InputFinder.find(["\(files.path)/a?.jsonl"], format: .one(.threads))
      #expect(found.inputs.map(\.name) == ["a1.jsonl", "a2.jsonl"])
      let literal = try InputFinder.find(["\(files.path)/b[1].jsonl"], format: .one(.threads))
      #expect(literal.inputs.map(\.name) == ["b[1].jsonl"])
    }
  }

  @Test func `an input that names nothing is refused`() throws {
    try ScratchFiles.with { files in
      for name in ["missing.jsonl", "*.jsonl"] {
        #expect(throws: RunError.self) {
          try InputFinder.find(["\(files.path)/\(name)"], format: .one(.threads))
        }
      }
    }
  }

  @Test func `standard input has no name to be a conversation's id`() throws {
    #expect(throws: RunError.self) { try InputFinder.find(["-"], format: .one(.chatHistory)) }
    let found = try InputFinder.find(["-"], format: .one(.openAIChat))
    #expect(found.inputs.map(\.path) == ["-"])
    #expect(found.inputs.map(\.name) == ["stdin"])
    #expect(found.inputs.map(\.size) == [nil])
  }

  @Test func `an empty directory gives nothing and is no error`() throws {
    try ScratchFiles.with { files in
      let found = try InputFinder.find([files.path], format: .one(.threads))
      #expect(found.inputs.isEmpty)
      #expect(found.unreadable.isEmpty)
    }
  }

  @Test func `a file named twice is read once`() throws {
    try ScratchFiles.with { files in
      let path = try files.write("a.jsonl", "{}")
      let found = try InputFinder.find(
        [path, files.path, "\(files.path)/*.jsonl"], format: .one(.threads))
      #expect(found.inputs.map(\.path) == [path])
      #expect(found.skipped.count == 2)
    }
  }
}
