internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite(.serialized) struct MemoryRunTests {
  private static let workers = ["--workers", "1"]

  /// The peak of a run that has next to nothing to do.
  private static func usual(_ scene: RunScene) async throws -> Int {
    try scene.directory.write(
      "small.jsonl", #"{"thread_id":"s","turns":[{"role":"user","content":"c"}]}"#)
    return try await scene.run("threads", ["small.jsonl"], options: workers).expect()
      .peakMemoryBytes
  }

  @Test(arguments: [("", "a"), (#"\u0000"#, "\u{FFFD}")])
  func `one message of 64 MiB takes at most six times its size`(escape: String, stored: String)
    async throws
  {
    let size = 64 << 20
    try await RunScene.with { scene in
      let usual = try await Self.usual(scene)
      try scene.directory.write(
        "large.jsonl",
        Array(#"{"thread_id":"l","turns":[{"role":"user","content":"\#(escape)"#.utf8)
          + Array(repeating: UInt8(ascii: "a"), count: size) + Array(#""}]}"#.utf8))
      let report = try await scene.run("threads", ["large.jsonl"], options: Self.workers).expect()
      #expect(
        report.peakMemoryBytes <= usual + 6 * size,
        "\((report.peakMemoryBytes - usual) >> 20) MiB above \(usual >> 20) MiB")
      #expect(
        try scene.rows(
          "SELECT length(content), left(content, 1) FROM exai_messages WHERE length(content) > 9")
          == [["\(size + (escape.isEmpty ? 0 : 1))", stored]])
    }
  }

  @Test func `a thread of many small turns takes no more for having many`() async throws {
    let turns = 80_000
    try await RunScene.with { scene in
      let usual = try await Self.usual(scene)
      let list = Array(repeating: #"{"role":"user","content":"d"}"#, count: turns)
      try scene.directory.write(
        "dense.jsonl", #"{"thread_id":"d","turns":[\#(list.joined(separator: ","))]}"#)
      let report = try await scene.run(
        "threads", ["dense.jsonl"], yaml: "load: {batchRows: 2000}", options: Self.workers
      ).expect()
      #expect(report.total.messages == .of(inserted: turns))
      #expect(
        try scene.value("SELECT count(*) FROM exai_messages WHERE content = 'd'") == "\(turns)")
      // All their drafts and rows at once took 70 MiB.
      #expect(
        report.peakMemoryBytes <= usual + (32 << 20),
        "\((report.peakMemoryBytes - usual) >> 20) MiB above \(usual >> 20) MiB")
    }
  }

  @Test func `an array of 300 MB loads within 256 MiB of data memory`() async throws {
    try await RunScene.with { scene in
      let elements = try Self.writeArray("\(scene.directory.path)/array.json", bytes: 300_000_000)
      let run = try await scene.run(
        "openai-chat", ["array.json"], options: ["--workers", "2"],
        through: ["prlimit", "--data=\(256 << 20)"])
      let report = try run.expect()
      #expect(report.total.sessions == .of(inserted: elements))
      #expect(report.total.messages == .of(inserted: 2 * elements))
      #expect(report.peakMemoryBytes < 256 << 20, "\(report.peakMemoryBytes >> 20) MiB")
      #expect(
        try scene.value("SELECT sum(length(content)) FROM exai_messages WHERE role = 'assistant'")
          == "\(elements * Self.answer)")
    }
  }

  private static let answer = 100_000

  /// Writes one array on one line and says how many conversations it holds.
  private static func writeArray(_ path: String, bytes: Int) throws -> Int {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    else { throw TestFailure("\(path) cannot be written") }
    let filler = Data(repeating: UInt8(ascii: "x"), count: answer)
    var count = 0
    var written = 0
    while written < bytes {
      var element = Data((count == 0 ? "[" : ", ").utf8)
      element += Data(#"{"messages": [{"role": "user", "content": "\#(count)"}, "#.utf8)
      element += Data(#"{"role": "assistant", "content": ""#.utf8) + filler + Data("\"}]}".utf8)
      try file.write(contentsOf: element)
      written += element.count
      count += 1
    }
    try file.write(contentsOf: Data("]\n".utf8))
    try file.close()
    return count
  }
}
