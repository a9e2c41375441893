internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Runs that are not the continuation of the one before, and such as are.
@Suite struct InputGuardTests {
  private static let count = 60

  /// A change that makes two runs different work, and the lines that say so.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var isByteChanged = false
    var yaml = ""
    var options: [String] = []
    let lines: [String]
  }

  @Test(arguments: [
    Change(
      testDescription: "a byte", isByteChanged: true,
      lines: ["t.jsonl: changed since ", "(still "]),
    Change(
      testDescription: "the mapping", yaml: "transform: {userId: somebody}",
      lines: ["convoy run: was transform.userId=", "convoy run: is transform.userId=somebody"]),
    Change(
      testDescription: "the batch size", options: ["--set", "load.batchBytes=128KiB"],
      lines: ["convoy run: was load.batchBytes=4194304", "convoy run: is load.batchBytes=131072"]),
  ])
  func `what changed since a run that did not finish is refused by name, and loaded by --restart`(
    change: Change
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(Self.count))
      try await scene.run("threads", ["t.jsonl"]).expect()
      // What a run leaves that was killed behind its last batch.
      try scene.execute("UPDATE convoy.runs SET finished_at = NULL, outcome = NULL")
      let before = try scene.checksum()
      let ledger = "SELECT count(*), max(committed_at) FROM convoy.batches"
      let batches = try scene.rows(ledger)
      if change.isByteChanged {
        // Of a message that is neither at the head nor at the tail of a batch.
        let text = ManyThreads.text(Self.count)
        try scene.directory.write("t.jsonl", text.replacing("s30 m2", with: "s30 mX"))
      }
      for _ in 0..<2 {
        let refused = try await scene.run(
          "threads", ["t.jsonl"], yaml: change.yaml, options: change.options)
        #expect(refused.status == 1)
        for line in change.lines { #expect(refused.errors.contains(line), "\(refused.errors)") }
        #expect(
          refused.errors.contains(
            "nothing was loaded: the last run did not finish, and this is not what it was "),
          "\(refused.errors)")
        #expect(refused.output == "")
      }
      #expect(try scene.checksum() == before)
      #expect(try scene.rows(ledger) == batches)
      let restarted = try await scene.run(
        "threads", ["t.jsonl"], yaml: change.yaml, options: change.options + ["--restart"]
      ).expect()
      #expect(restarted.total.sessions == .of(unchanged: Self.count))
      let isNew = change.isByteChanged ? 1 : 0
      #expect(
        restarted.total.messages == .of(inserted: isNew, unchanged: Self.count * 5 - isNew))
      // From here on the new way is the known one.
      try await scene.run(
        "threads", ["t.jsonl"], yaml: change.yaml, options: change.options
      ).expect()
    }
  }

  @Test
  func `a byte in the middle is missed neither by size and time that stay nor by a finished run`()
    async throws
  {
    try await RunScene.with { scene in
      let text = ManyThreads.text(800)
      let path = try scene.directory.write("t.jsonl", text)
      let times = try ModificationTime(of: path)
      let options = ManyThreads.smallBatches
      try await scene.run("threads", ["t.jsonl"], options: options).expect()
      try scene.execute("UPDATE convoy.runs SET finished_at = NULL, outcome = NULL")
      try scene.directory.write("t.jsonl", text.replacing("s400 m2", with: "s400 mX"))
      try times.set(on: path)
      let before = try scene.checksum()
      let refused = try await scene.run("threads", ["t.jsonl"], options: options)
      #expect(refused.status == 1)
      let place = try #require(text.utf8.firstRange(of: "s400 m2".utf8))
      let offset = text.utf8.distance(from: text.startIndex, to: place.lowerBound)
      let piece = try #require(refused.errors.firstMatch(of: /bytes (\d+) to (\d+) are others/))
      #expect(try #require(Int(piece.1))...(#require(Int(piece.2))) ~= offset)
      #expect(refused.errors.contains("t.jsonl: changed inside since it was loaded: "))
      #expect(refused.errors.contains("(still \(text.utf8.count) bytes)"))
      #expect(try scene.checksum() == before)
      let restarted = try await scene.run(
        "threads", ["t.jsonl"], options: options + ["--restart"]
      ).expect()
      #expect(restarted.total.messages == .of(inserted: 1, unchanged: 3999))
      try scene.directory.write("t.jsonl", text.replacing("s400 m2", with: "s400 mY"))
      try times.set(on: path)
      let changed = try await scene.run("threads", ["t.jsonl"], options: options).expect()
      #expect(changed.total.messages == .of(inserted: 1, unchanged: 3999))
    }
  }

  @Test func `behind a finished run a changed input and another mapping are simply loaded`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      try await scene.run("threads", ["t.jsonl"]).expect()
      try scene.directory.write("t.jsonl", ManyThreads.text(4))
      let report = try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: mark}"
      ).expect()
      #expect(report.total.sessions == .of(inserted: 1, unchanged: 3))
    }
  }

  @Test func `an input that was not there before is loaded beside those that were`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("in/a.jsonl", ManyThreads.text(3, prefix: "a"))
      try await scene.run("threads", ["in"]).expect()
      try scene.directory.write("in/b.jsonl", ManyThreads.text(2, prefix: "b"))
      let report = try await scene.run("threads", ["in"]).expect()
      #expect(report.total.sessions == .of(inserted: 2, unchanged: 3))
    }
  }

  @Test func `a run that was ended in the middle is gone on with by the same command`() async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(800))
      let hold = try BatchHold(after: 3, in: scene)
      let killed = try await scene.run(
        "threads", ["t.jsonl"], options: ManyThreads.smallBatches
      ) { process in
        try await hold.reached(by: process)
        kill(process, SIGKILL)
      }
      #expect(killed.status == 128 + SIGKILL)
      try hold.release()
      let report = try await scene.run(
        "threads", ["t.jsonl"], options: ManyThreads.smallBatches
      ).expect()
      #expect(report.batches.alreadyCommitted >= 3)
      #expect(report.total.sessions.inserted > 0)
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "4000")
    }
  }

  @Test func `tables that were emptied are filled again although the ledger has it all`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(400))
      let options = ManyThreads.smallBatches
      try await scene.run("threads", ["t.jsonl"], options: options).expect()
      let whole = try scene.checksum()
      for tables in ["exai_messages", "exai_sessions CASCADE"] {
        try scene.execute("TRUNCATE \(tables)")
        let report = try await scene.run("threads", ["t.jsonl"], options: options).expect()
        #expect(report.total.messages == .of(inserted: 2000))
        #expect(
          report.total.sessions
            == (tables == "exai_messages" ? .of(unchanged: 400) : .of(inserted: 400)))
        #expect(try scene.checksum() == whole)
        let again = try await scene.run("threads", ["t.jsonl"], options: options).expect()
        #expect(again.batches.committed == 0)
      }
    }
  }
}

/// When a file was last written, to the nanosecond.
private struct ModificationTime {
  private let time: timespec

  init(of path: String) throws {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw TestFailure("\(path): errno \(errno)") }
    time = status.st_mtim
  }

  func set(on path: String) throws {
    let both = [time, time]
    guard unsafe utimensat(AT_FDCWD, path, both, 0) == 0 else {
      throw TestFailure("\(path): errno \(errno)")
    }
  }
}
