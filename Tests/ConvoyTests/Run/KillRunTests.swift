internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// A run killed at any moment and begun again ends in the rows of one that was left alone.
@Suite(.serialized) struct KillRunTests {
  private static let small = [
    "--set", "load.batchBytes=64KiB", "--set", "load.batchRows=200", "--workers", "2",
  ]

  @Test(arguments: [
    (format: "threads", seed: UInt64(20_251_116)), (format: "chat-history", seed: 20_250_911),
  ])
  func `kill -9 at random moments, each followed by a run, loses and doubles nothing`(
    format: String, seed: UInt64
  ) async throws {
    var random = SeededGenerator(seed)
    try await RunScene.with { undisturbed in
      try Self.makeInput(format, in: undisturbed.directory)
      let started = ContinuousClock.now
      let expected = try await undisturbed.run(format, ["in"], options: Self.small).expect(3)
      let milliseconds = Int((ContinuousClock.now - started) / .milliseconds(1))
      #expect(expected.total.sessions.inserted > 300)

      try await RunScene.withAnother { scene in
        try Self.makeInput(format, in: scene.directory)
        var killed = 0
        var round = 0
        while killed < 20, round < 200 {
          round += 1
          // By time: anywhere in a run, its start and end included. By progress: some batches on.
          let isByTime = round.isMultiple(of: 2)
          let pause = Int.random(in: 0...milliseconds, using: &random)
          let batches = Int.random(in: 1...4, using: &random)
          let run = try await scene.run(
            format, ["in"], options: Self.small + (round % 5 == 4 ? ["--restart"] : [])
          ) { process in
            if isByTime {
              try await Task.sleep(for: .milliseconds(pause))
            } else {
              try await scene.waitForBatches(batches, of: process)
            }
            kill(process, SIGKILL)
          }
          if run.status == 128 + SIGKILL {
            killed += 1
          } else {
            // It came to its end first: what it left is whole, and the next one begins anew.
            try run.expect(3)
            #expect(try scene.checksum() == undisturbed.checksum())
            try scene.execute("DELETE FROM exai_sessions; TRUNCATE convoy.batches")
          }
        }
        #expect(killed == 20)
        let last = try await scene.run(format, ["in"], options: Self.small).expect(3)
        #expect(last.total.sessions.read == expected.total.sessions.read)
        #expect(last.total.messages.read == expected.total.messages.read)
        #expect(last.found == expected.found)
        #expect(try scene.checksum() == undisturbed.checksum())
        let again = try await scene.run(format, ["in"], options: Self.small).expect(3)
        #expect(again.total.messages.inserted == 0)
        #expect(again.batches.committed == 0)
      }
    }
  }

  /// A batch that is through in a moment is waited for; one that hangs is cancelled.
  @Test(arguments: [SIGINT, SIGTERM], [0.2, 3600])
  func `a signal ends the run between batches, leaves nothing open, and the next goes on`(
    signal: Int32, secondsPerBatch: Double
  ) async throws {
    try await RunScene.with { scene in
      try Self.makeInput("threads", in: scene.directory)
      try scene.execute(
        """
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF (SELECT count(*) FROM convoy.batches) > 2 THEN PERFORM pg_sleep(\(secondsPerBatch)); END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER wait AFTER INSERT ON exai_sessions FOR EACH STATEMENT EXECUTE FUNCTION wait()
        """)
      let run = try await scene.run("threads", ["in"], options: Self.small) { process in
        try await scene.waitForBatches(2, of: process)
        kill(process, signal)
      }
      #expect(run.status == 128 + signal)
      let report = try run.report
      #expect(report.outcome == "interrupted")
      #expect(run.errors.contains("convoy run: interrupted; what is committed stays\nhint: "))
      #expect(
        try scene.value(
          """
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'convoy%'
            AND application_name <> 'convoy tests'
          """) == "0")
      let rows = Int(try scene.value("SELECT count(*) FROM exai_sessions") ?? "")
      #expect(rows == report.total.sessions.inserted)
      #expect(try scene.value("SELECT outcome FROM convoy.runs") == "interrupted")
      try scene.execute("DROP TRIGGER wait ON exai_sessions")
      let next = try await scene.run("threads", ["in"], options: Self.small).expect(3)
      #expect(next.total.sessions.unchanged >= report.total.sessions.inserted)
      #expect(next.total.sessions.inserted > 0)
    }
  }

  /// 1 200 conversations of up to 8 messages, some of them damaged.
  private static func makeInput(_ format: String, in directory: TemporaryDirectory) throws {
    var random = SeededGenerator(7)
    let isHistory = format == "chat-history"
    var lines: [String] = []
    for session in 0..<(isHistory ? 400 : 1200) {
      let count = Int.random(in: 0...8, using: &random)
      let turns = (0..<count).map { index in
        let words = (0..<Int.random(in: 1...60, using: &random)).map { _ in
          String(UInt32.random(in: 0...99_999, using: &random), radix: 36)
        }
        let role =
          Int.random(in: 0..<200, using: &random) == 0 ? "alien" : ["user", "assistant"][index % 2]
        let key = isHistory ? "ts" : "timestamp"
        return
          #"{"\#(key)":"2025-10-16T01:\#(10 + session % 50):\#(10 + index % 5)Z","role":"\#(role)","#
          + #""content":"\#(words.joined(separator: " "))"}"#
      }
      if isHistory {
        let copies = session == 17 ? 300 : 1
        let text = Array(repeating: turns, count: copies).joined().joined(separator: "\n")
        try directory.write("in/c\(session).jsonl", text + "\n")
      } else {
        lines.append(
          #"{"thread_id":"t\#(session)","created_at":"2025-10-16T01:00:00Z","turns":[\#(turns.joined(separator: ","))]}"#
        )
      }
    }
    if !isHistory {
      lines.insert("{\"broken\":", at: 600)
      try directory.write("in/t.jsonl", lines.joined(separator: "\n"))
    }
  }
}

/// Numbers that are the same in every run (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
