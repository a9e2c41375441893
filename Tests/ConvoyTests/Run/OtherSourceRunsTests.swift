internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Conversations that several stores have, in runs that end early, race, or cut them in pieces.
@Suite struct OtherSourceRunsTests {
  /// Messages of one letter each, a second apart.
  private static func write(
    _ directory: TemporaryDirectory, threads: String, lines: String
  ) throws {
    func turns(_ words: String, _ key: String) -> [String] {
      words.enumerated().map { second, word in
        let time = "2025-10-05T1\(second / 3600):\(pad(second / 60 % 60)):\(pad(second % 60))Z"
        return #"{"\#(key)":"\#(time)","role":"user","content":"\#(word)"}"#
      }
    }
    func pad(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    try directory.write(
      "in/t.jsonl",
      #"{"thread_id":"c","created_at":"2025-10-05T10:00:00Z","turns":[\#(turns(threads, "timestamp").joined(separator: ","))]}"#
        + "\n")
    try directory.write("in/c.jsonl", turns(lines, "ts").joined(separator: "\n") + "\n")
  }

  private static func stored(_ scene: RunScene) throws -> String {
    try scene.value("SELECT string_agg(content, '' ORDER BY created_at) FROM exai_messages") ?? ""
  }

  @Test(arguments: [
    ("abcd", "ab", "abcd", 2), ("ab", "abcd", "abcd", 2), ("abcd", "abxyd", "abcxyd", 3),
    ("aab", "aaab", "aaab", 3), ("aaab", "ab", "aaab", 2), ("abc", "cab", "cabc", 2),
    ("abc", "xyz", "axbycz", 0), ("abab", "baba", "babab", 3), ("abcdef", "bdf", "abcdef", 3),
    ("bdf", "abcdef", "abcdef", 3),
  ])
  func
    `a prefix, a longer copy, one that went another way and resends each keep what both have once`(
      threads: String, lines: String, stored: String, merged: Int
    ) async throws
  {
    try await RunScene.with { scene in
      try Self.write(scene.directory, threads: threads, lines: lines)
      let dry = try await scene.run("auto", ["in"], options: ["--dry-run"]).expect()
      let report = try await scene.run("auto", ["in"]).expect()
      #expect(report.total.messages == .of(inserted: stored.count, merged: merged))
      #expect((dry.total, dry.found) == (report.total, report.found))
      #expect(try Self.stored(scene) == stored)
    }
  }

  @Test func `what one store adds later is met in the words of another that had it before`()
    async throws
  {
    try await RunScene.with { scene in
      for (threads, lines, format, counts) in [
        ("ab", "", "threads", Counts.of(inserted: 2)),
        ("ab", "abcda", "chat-history", .of(inserted: 3, merged: 2)),
        ("abcdae", "abcda", "threads", .of(inserted: 1, unchanged: 2, merged: 3)),
        ("abcdae", "abcdaea", "chat-history", .of(inserted: 1, unchanged: 3, merged: 3)),
      ] {
        try Self.write(scene.directory, threads: threads, lines: lines)
        let input = format == "threads" ? "in/t.jsonl" : "in/c.jsonl"
        let dry = try await scene.run(
          format, [input], options: ["--restart", "--dry-run"]
        ).expect()
        let report = try await scene.run(format, [input], options: ["--restart"]).expect()
        #expect(report.total.messages == counts)
        #expect((dry.total, dry.found) == (report.total, report.found))
      }
      #expect(try Self.stored(scene) == "abcdaea")
    }
  }

  @Test(arguments: [0, 1])
  func `a conversation cut into many batches is matched across them`(seed: Int) async throws {
    var random = SeededGenerator(UInt64(20_251_005 + seed))
    let words = (0..<1500).map { _ in "abcdefgh".randomElement(using: &random) ?? "a" }
    // Each lacks what the other has: a seventh, and another one.
    let threads = String(words.enumerated().filter { $0.offset % 7 != 3 }.map(\.element))
    let lines = String(words.enumerated().filter { $0.offset % 7 != 5 }.map(\.element))
    try await RunScene.with { scene in
      try Self.write(scene.directory, threads: threads, lines: lines)
      let options = ["--set", "load.batchRows=100", "--workers", "2"]
      let dry = try await scene.run("auto", ["in"], options: options + ["--dry-run"]).expect()
      let report = try await scene.run("auto", ["in"], options: options).expect()
      #expect(report.batches.total > 10)
      #expect(dry.total == report.total)
      let stored = try Self.stored(scene)
      #expect(stored.count == threads.count + lines.count - report.total.messages.merged)
      // Nothing is lost: each store's words are there, and as often as the store that has more of one has it.
      for word in "abcdefgh" {
        let counts = [stored, threads, lines].map { text in text.count { $0 == word } }
        #expect(counts[0] >= max(counts[1], counts[2]))
      }
      // Nearly all of what both have is found, though no batch sees more than its hundred.
      #expect(report.total.messages.merged >= words.count * 5 / 7 * 9 / 10)
      let again = try await scene.run("auto", ["in"], options: options + ["--restart"]).expect()
      #expect(again.total.messages.inserted == 0)
      #expect(try Self.stored(scene) == stored)
    }
  }

  @Test func `without provenance its own later batches are told from another source`()
    async throws
  {
    try await RunScene.with { scene in
      let yaml = "transform: {metadata: {provenance: drop}}"
      let small = ["--set", "load.batchRows=50", "--restart"]
      try Self.write(
        scene.directory, threads: "ab", lines: "ab" + String(repeating: "a", count: 200))
      let first = try await scene.run(
        "chat-history", ["in/c.jsonl"], yaml: yaml, options: small
      ).expect()
      #expect(first.batches.total > 1)
      #expect(first.total.messages == .of(inserted: 202))
      let other = try await scene.run("threads", ["in/t.jsonl"], yaml: yaml).expect()
      #expect(other.total.messages == .of(merged: 2))
      let again = try await scene.run(
        "chat-history", ["in/c.jsonl"], yaml: yaml, options: small
      ).expect()
      #expect(again.total.messages == .of(unchanged: 202))
    }
  }

  @Test func `calls without a text are copies only of the same call`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        """
        INSERT INTO exai_sessions (id, user_id, continuation_id)
          VALUES ('11111111-1111-4111-8111-111111111111', 'app', 'c');
        INSERT INTO exai_messages (session_id, role, content, tool_name)
          SELECT '11111111-1111-4111-8111-111111111111', 'assistant', '', t FROM unnest('{one,two}'::text[]) t
        """)
      let turns = ["two", "three"].map {
        #"{"role":"assistant","content":" ","timestamp":"2025-10-05T10:00:00Z","tool_name":"\#($0)"}"#
      }
      try scene.directory.write(
        "t.jsonl", #"{"thread_id":"c","turns":[\#(turns.joined(separator: ","))]}"# + "\n")
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.total.messages == .of(inserted: 1, merged: 1))
      #expect(
        try scene.rows("SELECT tool_name FROM exai_messages ORDER BY tool_name")
          == [["one"], ["three"], ["two"]])
    }
  }

  private static let many = (0..<40).map { "c-\($0)" }
  private static let small = ["--set", "load.batchBytes=64KiB", "--set", "load.batchRows=20"]

  @Test func `a run killed between its sources goes on to the same rows`() async throws {
    var random = SeededGenerator(20_251_126)
    try await RunScene.with { undisturbed in
      try ThreeStores.write(undisturbed.directory, Self.many)
      let expected = try await undisturbed.run("auto", ["in"], options: Self.small).expect()
      #expect(expected.total.messages == .of(inserted: 320, merged: 440))
      try await RunScene.withAnother { scene in
        try ThreeStores.write(scene.directory, Self.many)
        for _ in 0..<6 {
          let hold = try BatchHold(after: Int.random(in: 1...8, using: &random), in: scene)
          _ = try await scene.run("auto", ["in"], options: Self.small) { process in
            try await hold.reached(by: process)
            kill(process, SIGKILL)
          }
          try hold.release()
        }
        try await scene.run("auto", ["in"], options: Self.small).expect()
        #expect(try scene.checksum() == undisturbed.checksum())
        for id in Self.many {
          #expect(try ThreeStores.stored(in: scene, id) == ThreeStores.said)
        }
      }
    }
  }

  @Test(arguments: [false, true])
  func `runs of several sources at the same time leave each turn once`(isStoredBefore: Bool)
    async throws
  {
    try await RunScene.with { scene in
      try ThreeStores.write(scene.directory, Self.many)
      if isStoredBefore { try await scene.run("messages-dump", ["in/rows.sql"]).expect() }
      let stores: [ThreeStores] = isStoredBefore ? [.threads, .lines] : ThreeStores.allCases
      try await withThrowingTaskGroup(of: RunOutcome.self) { group in
        for store in stores {
          let inputs = store == .lines ? "in/c-*.jsonl" : store.path
          try scene.directory.write(
            "\(store.rawValue).yaml",
            "name: \(store.rawValue)\nsource: {format: \(store.rawValue), inputs: ['\(inputs)']}")
          group.addTask {
            let ended = try await scene.convoy(
              [
                "run", "\(store.rawValue).yaml", "--target", scene.database.url, "--report",
                store.rawValue, "--workers", "2", "--set", "load.strategy=online",
              ] + Self.small)
            return RunOutcome(ended, in: scene.directory, reportName: store.rawValue)
          }
        }
        for try await outcome in group { try outcome.expect() }
      }
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "320")
      for id in Self.many {
        #expect(try ThreeStores.stored(in: scene, id).count == ThreeStores.said.count)
      }
      for store in stores {
        let inputs = store == .lines ? "in/c-*.jsonl" : store.path
        let again = try await scene.run(store.rawValue, [inputs], options: ["--restart"]).expect()
        #expect(again.total.messages.inserted == 0)
      }
    }
  }

  @Test func `without a target the run says which conversations several of its sources have`()
    async throws
  {
    try await RunScene.with { scene in
      try ThreeStores.write(scene.directory)
      try scene.directory.write("p.yaml", "source: {format: auto, inputs: [in]}")
      let ended = try await scene.convoy([
        "run", "p.yaml", "--dry-run", "--offline", "--report", "report",
      ])
      let report = try RunOutcome(ended, in: scene.directory).expect()
      #expect(report.found["session.other-source"] == 2)
      #expect(report.found["id.collision"] == nil)
      #expect(report.total.sessions == .of(inserted: 1, merged: 2))
      // As a load does, which another test here sees.
      #expect(report.total.messages == .of(inserted: 8, merged: 11))
    }
  }

  @Test func `a reject that is tried again meets what another source brought meanwhile`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.write(scene.directory, threads: "abc", lines: "abc")
      let thread = String(decoding: try scene.directory.read("in/t.jsonl"), as: UTF8.self)
      try scene.directory.write(
        "in/t.jsonl",
        thread.replacing(#""role":"user","content":"b""#, with: #""role":"critic","content":"b""#))
      let first = try await scene.run("threads", ["in/t.jsonl"]).expect(3)
      #expect(first.total.messages == .of(inserted: 2, rejected: 1))
      let second = try await scene.run(
        "chat-history", ["in/c.jsonl"], options: ["--report", "other"])
      #expect(second.status == 0, "\(second.errors)")
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
        scene.database.url, "--set", "source.format=threads", "--set",
        "transform.roles={critic: user}", "--report", "again",
      ])
      #expect(retried.status == 0, "\(retried.errors)")
      #expect(try Self.stored(scene) == "abc")
    }
  }
}
