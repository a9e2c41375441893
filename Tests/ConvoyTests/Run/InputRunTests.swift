internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct InputRunTests {
  private static func line(_ id: String) -> String {
    #"{"thread_id":"\#(id)","turns":[{"role":"user","content":"hi"}]}"# + "\n"
  }

  @Test func `an empty file, and one of blank lines, are told and harm nothing`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("in/empty.jsonl", "")
      try scene.directory.write("in/blank.jsonl", "\r\n \n\n")
      try scene.directory.write("in/one.jsonl", Self.line("a"))
      let report = try await scene.run("threads", ["in"]).expect()
      #expect(report.found["input.empty"] == 2)
      #expect(report.total.sessions == .of(inserted: 1))
    }
  }

  @Test func `inputs that hold nothing are no failure`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("empty.jsonl", "")
      let run = try await scene.run("threads", ["empty.jsonl"])
      try run.expect()
      #expect(run.output.hasPrefix("nothing to load: the inputs hold no records\n"))
    }
  }

  @Test func `an unreadable file costs itself and exit status 3`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("in/one.jsonl", Self.line("a"))
      try FileManager.default.createSymbolicLink(
        atPath: "\(scene.directory.path)/in/gone.jsonl", withDestinationPath: "/nonexistent")
      let report = try await scene.run("threads", ["in"]).expect(3)
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.found["input.unreadable"] == 1)
      #expect(report.findings.first?.samples.first?.message.contains("in/gone.jsonl") == true)
    }
  }

  @Test func `gzip is inflated whatever the name, and both sizes are told`() async throws {
    try await RunScene.with { scene in
      let text = Array((Self.line("a") + Self.line("b")).utf8)
      let stored = StoredGzip.file(text)
      try scene.directory.write("a.jsonl.gz", stored)
      try scene.directory.write("b.jsonl", StoredGzip.file(Array(Self.line("c").utf8)))
      try scene.directory.write("c.jsonl", Self.line("d"))
      let report = try await scene.run("threads", ["a.jsonl.gz", "b.jsonl", "c.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: 4))
      #expect(report.inputs.first?.bytes == text.count)
      #expect(report.inputs.first?.compressedBytes == stored.count)
      #expect(report.inputs.last?.compressedBytes == nil)
      let sizes = try ["a.jsonl.gz", "b.jsonl", "c.jsonl"].map {
        try scene.directory.read($0).count
      }
      #expect(report.bytesRead == sizes.reduce(0, +))
      #expect(
        try scene.value(
          "SELECT metadata#>>'{legacy,file}' FROM exai_sessions WHERE continuation_id = 'b'")
          == "a.jsonl.gz")
    }
  }

  @Test func `a chat history file may be compressed; its id is the stem still`() async throws {
    try await RunScene.with { scene in
      let line = #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"hi"}"#
      try scene.directory.write("in/conv.jsonl.gz", StoredGzip.file(Array(line.utf8)))
      try await scene.run("chat-history", ["in"]).expect()
      #expect(try scene.value("SELECT continuation_id FROM exai_sessions") == "conv")
    }
  }

  @Test func `of a gzip file cut short the sound part loads and the damage is told`() async throws {
    try await RunScene.with { scene in
      let whole = StoredGzip.file(Array((Self.line("a") + Self.line("b")).utf8))
      try scene.directory.write("a.jsonl.gz", Array(whole.dropLast(30)))
      let report = try await scene.run("threads", ["a.jsonl.gz"]).expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 1))
      #expect(report.found["input.unreadable"] == 1)
    }
  }

  @Test func `standard input is read as a file of its own`() async throws {
    try await RunScene.with { scene in
      let report = try await scene.run("threads", ["-"], standardInput: Self.line("a")).expect()
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(try scene.value("SELECT metadata#>>'{legacy,file}' FROM exai_sessions") == "stdin")
      let again = try await scene.run("threads", ["-"], standardInput: Self.line("a")).expect()
      #expect(again.total.sessions == .of(unchanged: 1))
    }
  }

  @Test func `a glob names the files that match, in order`() async throws {
    try await RunScene.with { scene in
      for name in ["x/b.jsonl", "x/a.jsonl", "y/a.jsonl", "x/a.json"] {
        try scene.directory.write(name, Self.line(name))
      }
      let report = try await scene.run("threads", ["?/*.jsonl"]).expect()
      #expect(report.inputs.map(\.path) == ["x/a.jsonl", "x/b.jsonl", "y/a.jsonl"])
      let none = try await scene.run("threads", ["*.nothing"])
      #expect(none.status == 74)
      #expect(none.errors.contains("convoy run: *.nothing: no file matches\n"))
    }
  }

  @Test func `UTF-16 with a byte order mark is read`() async throws {
    try await RunScene.with { scene in
      let units = [0xFEFF] + Array(#"{"thread_id":"ü😀","turns":[]}"#.utf16)
      try scene.directory.write(
        "t.json", units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
      try await scene.run("threads", ["t.json"]).expect()
      #expect(try scene.value("SELECT continuation_id FROM exai_sessions") == "ü😀")
    }
  }
}
