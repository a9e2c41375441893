internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Dumps with a conversation that is more than is held at once.
@Suite(.serialized) struct LongConversationTests {
  /// One KiB each.
  private static let messages = 600
  /// By which the conversation is more than is held at once.
  private static let sliced = "load: {batchBytes: 64KiB, batchRows: 60}"
  private static let whole = "load: {batchBytes: 64MiB, batchRows: 1000000}"

  private static func id(_ kind: Int, _ number: Int) -> String {
    let digits = String(number)
    return "00000000-0000-4000-800\(kind)-" + String(repeating: "0", count: 12 - digits.count)
      + digits
  }

  /// One conversation with nearly all messages, and two short ones; in an order that is not theirs.
  ///
  /// Now and then an answer was written by two, every seventieth message has the time of the one before, and
  /// every 120th a role that nobody has.
  private static func write(_ directory: TemporaryDirectory) throws {
    var rows: [String] = []
    rows.reserveCapacity(messages + messages / 30)
    let filler = String(repeating: "and so on, ", count: 90)
    for number in 0..<messages {
      let conversation = number < 4 ? number % 2 + 1 : 3
      let isUser = number.isMultiple(of: 2)
      let role = number % 120 == 61 ? "nobody" : isUser ? "user" : "assistant"
      let place = number % 70 == 69 ? number - 1 : number
      let time = 1_750_000_000_000_000 + place * 3_000_000 + place % 13
      let row = { (id: Int, later: Int) in
        "\(Self.id(2, id))\t\(Self.id(1, conversation))\t\(role)\t\(number) \(filler)\t{\"tool_name\": \"chat\"}\t"
          + Timestamp(microseconds: Int64(time + later)).rfc3339
      }
      rows.append(row(number, 0))
      if number % 30 == 3 { rows.append(row(messages + number, 51_000)) }
    }
    let conversations = (1...3).map {
      "\(id(1, $0))\tc-\($0)\t\\N\t{}\t2025-06-15 15:00:00+00\t\\N"
    }
    let step = 7_919
    let shuffled = rows.indices.map { rows[$0 * step % rows.count] }
    try directory.write(
      "d.sql",
      """
      COPY public.conversations (id, continuation_id, title, metadata, created_at, updated_at) FROM stdin;
      \(conversations.joined(separator: "\n"))
      \\.
      COPY public.messages (id, conversation_id, role, content, metadata, created_at) FROM stdin;
      \(shuffled.joined(separator: "\n"))
      \\.

      """)
  }

  @Test func `the rows, counts and findings are those of the conversation held whole`() async throws
  {
    try await RunScene.with { scene in
      try Self.write(scene.directory)
      let dry = try await scene.run(
        "messages-dump", ["d.sql"], yaml: Self.sliced, options: ["--dry-run"]
      ).expect(3)
      let run = try await scene.run("messages-dump", ["d.sql"], yaml: Self.sliced)
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 3))
      let merged = Self.messages / 30
      #expect(
        report.total.messages
          == .of(inserted: Self.messages - 5, merged: merged, rejected: 5))
      #expect(report.batches.total > 10)
      #expect((dry.total, dry.found) == (report.total, report.found))
      #expect(
        try scene.value("SELECT max(messages) <= 60 FROM convoy.batches") == "t")
      let sums = try scene.checksum()
      try await RunScene.withAnother { other in
        try Self.write(other.directory)
        let whole = try await other.run("messages-dump", ["d.sql"], yaml: Self.whole)
        let inOne = try whole.expect(3)
        #expect(inOne.batches.total < report.batches.total)
        #expect(inOne.total == report.total)
        #expect(inOne.found == report.found)
        #expect(try other.checksum() == sums)
        #expect(try Self.texts(whole) == Self.texts(run))
        try await Self.killBetweenSlices(other, sums)
      }
      let anew = try await scene.run(
        "messages-dump", ["d.sql"], yaml: Self.sliced, options: ["--restart"]
      ).expect(3)
      #expect(anew.total.messages == .of(unchanged: Self.messages - 5, merged: merged, rejected: 5))
      #expect(anew.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.checksum() == sums)
    }
  }

  /// What the rejects of a run are about, and their bytes.
  private static func texts(_ run: RunOutcome) throws -> [String] {
    try run.rejects.map { "\($0.field ?? "") \($0.text ?? "")" }.sorted()
  }

  /// Kills a run once some batches of the conversation are in, and lets another one go on.
  private static func killBetweenSlices(_ scene: RunScene, _ sums: [[String?]]) async throws {
    try scene.execute("DELETE FROM exai_sessions; TRUNCATE convoy.batches")
    let hold = try BatchHold(after: 5, in: scene)
    let killed = try await scene.run(
      "messages-dump", ["d.sql"], yaml: sliced, options: ["--workers", "1"]
    ) { process in
      try await hold.reached(by: process)
      // The batch that is held back has nothing of it in then, and will not.
      try await scene.waitForWorkers("wait_event = 'PgSleep'")
      kill(process, SIGKILL)
    }
    try hold.release()
    #expect(killed.status == 128 + SIGKILL)
    let stored = try scene.value("SELECT count(*) FROM exai_messages").flatMap(Int.init) ?? 0
    #expect(stored > 4 && stored < messages - 5)
    let rest = try await scene.run("messages-dump", ["d.sql"], yaml: sliced).expect(3)
    #expect(rest.rowsWritten["exai_messages"] == messages - 5 - stored)
    #expect(try scene.checksum() == sums)
  }
}
