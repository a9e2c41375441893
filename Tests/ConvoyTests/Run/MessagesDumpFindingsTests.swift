internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// What a run tells of rows of dumps that it loads.
@Suite struct MessagesDumpFindingsTests {
  @Test func `of two rows of one id that differ the later is told of`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("d/a.sql", DumpRows.conversations)
      try scene.directory.write(
        "d/b.sql",
        DumpRows.insert([
          DumpRows.row(1, of: 1, "user", "first", "01"),
          DumpRows.row(1, of: 1, "user", "edited", "02"),
          DumpRows.row(2, of: 1, "assistant", "same", "03"),
          DumpRows.row(2, of: 1, "assistant", "same", "03"),
        ]))
      let report = try await scene.run("messages-dump", ["d"]).expect()
      #expect(report.total.messages == .of(inserted: 2, merged: 2))
      #expect(report.found["id.repeated"] == 1)
      #expect(report.found["content.merged"] == 1)
      let sample = report.findings.first { $0.id == "id.repeated" }?.samples.first
      #expect(sample?.line == 2)
      #expect(sample?.field == "messages[1].id")
      #expect(
        try scene.rows("SELECT content FROM exai_messages ORDER BY id") == [["first"], ["same"]])
    }
  }

  @Test func `what is told of a conversation is told once, however long it is`() async throws {
    try await RunScene.with { scene in
      let text = String(repeating: "word ", count: 6_000)
      try scene.directory.write(
        "d.sql",
        DumpRows.insert(
          (10..<40).map {
            DumpRows.row($0, of: 1, $0 % 2 == 0 ? "user" : "assistant", text + "\($0)", "\($0)")
          }))
      let report = try await scene.run(
        "messages-dump", ["d.sql"], yaml: "load: {batchBytes: 64KiB}"
      ).expect()
      #expect(report.total.messages == .of(inserted: 30))
      #expect(report.found == ["conversation.missing": 1])
    }
  }

  @Test func `what is told of a message names its row, not its conversation's`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("d/a.sql", DumpRows.conversations)
      try scene.directory.write(
        "d/b.sql",
        "-- two lines\n-- before\n"
          + DumpRows.insert([
            DumpRows.row(1, of: 1, "user", "hi", "01", #"'{"tool_name": "string"}'"#),
            DumpRows.row(2, of: 1, "tool", "yo", "02"),
          ]))
      let report = try await scene.run("messages-dump", ["d"]).expect()
      for (rule, line) in [("value.placeholder", 3), ("role.mapped", 4)] {
        let sample = report.findings.first { $0.id == rule }?.samples.first
        #expect(sample?.input?.hasSuffix("d/b.sql") == true, "\(rule)")
        #expect(sample?.line == line, "\(rule)")
      }
    }
  }

  @Test func `what is told of a message of a conversation in slices names its row too`()
    async throws
  {
    try await RunScene.with { scene in
      let text = String(repeating: "word ", count: 1_000)
      let rows = (10..<60).map { number in
        DumpRows.row(
          number, of: 1, number % 2 == 0 ? "user" : "assistant", text + "\(number)", "\(number)",
          number == 57 ? #"'{"tool_name": "string"}'"# : "NULL")
      }
      // In the order of their times, each on a line.
      try scene.directory.write("d.sql", DumpRows.conversations + DumpRows.insert(rows))
      let report = try await scene.run(
        "messages-dump", ["d.sql"], yaml: "load: {batchBytes: 64KiB, batchRows: 10}"
      ).expect()
      #expect(report.total.messages == .of(inserted: 50))
      #expect(report.batches.total >= 5)
      #expect(report.found == ["value.placeholder": 1, "session.empty": 1])
      let sample = report.findings.first { $0.id == "value.placeholder" }?.samples.first
      // Behind four lines of conversations the 48th row.
      #expect(sample?.line == 4 + 48)
      #expect(sample?.field == "messages[47].metadata.tool_name")
    }
  }

  @Test func `doubled backslashes, defaults and metadata that is no JSON are told of each`()
    async throws
  {
    let standard =
      #"'{"version": "1.0", "schema": "message", "fields": {"model_used": "string"}}'"#
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        DumpRows.conversations
          + DumpRows.insert([
            DumpRows.row(1, of: 1, "user", "a\\nb", "01", #"'{"note": "says \\"x\\"\\nonce"}'"#),
            DumpRows.row(2, of: 1, "assistant", "b", "02", standard),
            DumpRows.row(3, of: 1, "user", "c", "03", #"'{"tool_name": "string", "y": 2}'"#),
            DumpRows.row(4, of: 1, "assistant", "d", "04", "'{broken'"),
          ]))
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.messages == .of(inserted: 4))
      #expect(
        report.found == [
          "json.backslashes": 1, "value.placeholder": 2, "value.range": 1, "session.empty": 1,
        ])
      #expect(
        try scene.rows("SELECT content, tool_name, metadata FROM exai_messages ORDER BY id") == [
          ["a\\nb", nil, #"{"legacy": {"note": "says \"x\"\nonce", "index": 0}}"#],
          ["b", nil, #"{"legacy": {"index": 1}}"#],
          ["c", nil, #"{"legacy": {"y": 2, "index": 2}}"#],
          ["d", nil, #"{"legacy": {"index": 3, "metadata": "{broken"}}"#],
        ])
    }
  }
}
