internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Conversations of dumps that are rejected whole, in several lines.
///
/// It is worked on in slices of a batch when it is read, and again when its rejects are tried.
@Suite struct LongRejectTests {
  private static let messages = 600
  private static let load = "load: {batchBytes: 64KiB, batchRows: 90}"

  private static func id(_ kind: Int, _ number: Int) -> String {
    let digits = String(number)
    return "00000000-0000-4000-800\(kind)-" + String(repeating: "0", count: 12 - digits.count)
      + digits
  }

  /// A conversation whose title is a placeholder; every ninth answer was written by two, and every hundredth row has
  /// no UUID.
  private static func write(_ directory: TemporaryDirectory) throws {
    let filler = String(repeating: "and so on, ", count: 60)
    var rows: [String] = []
    for number in 0..<messages {
      let role = number.isMultiple(of: 2) ? "user" : "assistant"
      let time = 1_750_000_000_000_000 + number * 3_000_000
      for copy in 0...(number % 18 == 3 ? 1 : 0) {
        let own = number % 100 == 50 ? "row-\(number)" : id(2, number + copy * messages)
        rows.append(
          "\(own)\t\(id(1, 1))\t\(role)\t\(number) \(filler)\t"
            + Timestamp(microseconds: Int64(time + copy * 51_000)).rfc3339)
      }
    }
    let shuffled = rows.indices.map { rows[$0 * 7_919 % rows.count] }
    try directory.write(
      "d.sql",
      """
      INSERT INTO conversations (id, continuation_id, title, created_at) VALUES
      ('\(id(1, 1))', 'c-1', 'string', '2025-06-15 15:00:00+00');
      COPY messages (id, conversation_id, role, content, created_at) FROM stdin;
      \(shuffled.joined(separator: "\n"))
      \\.

      """)
  }

  private static var copies: Int { (0..<messages).count { $0 % 18 == 3 } }

  private static func retry(
    _ scene: RunScene, _ pipeline: String, _ rejects: String, _ report: String
  ) async throws -> RunOutcome {
    RunOutcome(
      try await scene.convoy([
        "rejects", "retry", rejects, pipeline, "--target", scene.database.url, "--report", report,
      ]), in: scene.directory, reportName: report)
  }

  /// The lines of the rejects, of which one run leaves several for the conversation.
  private static func pieces(_ directory: TemporaryDirectory) throws -> [String] {
    try directory.read("report/rejects.jsonl").split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test func `a conversation rejected in pieces is loaded as it would have been, and once`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.write(scene.directory)
      let strict = "\(Self.load)\nvalidate: {severity: {value.placeholder: error}}"
      let first = try await scene.run("messages-dump", ["d.sql"], yaml: strict).expect(3)
      #expect(first.total.messages == .of(rejected: Self.messages))
      let pieces = try Self.pieces(scene.directory)
      #expect(pieces.count > 4)
      try scene.directory.write("whole.jsonl", pieces.joined(separator: "\n") + "\n")
      // What is still wrong is rejected in pieces of a batch, which have all of it between them.
      let still = try await Self.retry(scene, "pipeline.yaml", "whole.jsonl", "still")
      let report = try still.expect(3)
      #expect(report.total.sessions == .of(rejected: 1))
      #expect(report.total.messages == .of(rejected: Self.messages))
      #expect(report.found["value.placeholder"] == 1)
      let rejects = try still.rejects
      #expect(rejects.count > 6)
      #expect(rejects.map(\.origin?.piece) == rejects.indices.map { $0 })
      #expect(rejects.allSatisfy { $0.bytes.count < 256 << 10 })
      #expect(rejects.compactMap(\.dependents?.messages).reduce(0, +) == Self.messages)
      try scene.directory.write("mended.yaml", "source: {format: messages-dump}\n\(Self.load)\n")
      let loaded = try await Self.retry(scene, "mended.yaml", "still/rejects.jsonl", "again")
        .expect()
      #expect(loaded.total.sessions == .of(inserted: 1))
      #expect(loaded.total.messages == .of(inserted: Self.messages, merged: Self.copies))
      #expect(try scene.value("SELECT max(messages) <= 90 FROM convoy.batches") == "t")
      let sums = try scene.checksum()
      let twice = try await Self.retry(scene, "mended.yaml", "whole.jsonl", "twice").expect()
      #expect(twice.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.checksum() == sums)
      try await RunScene.withAnother { other in
        try Self.write(other.directory)
        _ = try await other.run("messages-dump", ["d.sql"], yaml: Self.load).expect()
        #expect(try other.checksum() == sums)
      }
    }
  }

  @Test func `a piece that cannot be read keeps all of them, and a piece that comes twice is one`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.write(scene.directory)
      let strict = "\(Self.load)\nvalidate: {severity: {value.placeholder: error}}"
      _ = try await scene.run("messages-dump", ["d.sql"], yaml: strict).expect(3)
      let pieces = try Self.pieces(scene.directory)
      try scene.directory.write("mended.yaml", "source: {format: messages-dump}\n\(Self.load)\n")
      var broken = pieces
      broken[1] = broken[1].replacing("COPY messages (", with: "COPY messages WITH (")
      try scene.directory.write("broken.jsonl", broken.joined(separator: "\n") + "\n")
      let unread = try await Self.retry(scene, "mended.yaml", "broken.jsonl", "unread")
      let report = try unread.expect(3)
      #expect(report.total.sessions == .of(rejected: 1))
      #expect(report.found["reject.kept"] == 1)
      #expect(try unread.rejects.count == pieces.count)
      let more = pieces.reversed() + [pieces[2]]
      try scene.directory.write("more.jsonl", more.joined(separator: "\n") + "\n")
      let loaded = try await Self.retry(scene, "mended.yaml", "more.jsonl", "again").expect()
      #expect(loaded.total.sessions == .of(inserted: 1))
      #expect(loaded.total.messages == .of(inserted: Self.messages, merged: Self.copies))
    }
  }
}
