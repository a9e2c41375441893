internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// What is told of the legacy table, refused of it, and left of it.
@Suite struct ConversationsTablePlanTests {
  @Test func `embeddings are counted or kept with every digit`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        LegacyTable.table + """
          INSERT INTO conversations (id, user_id, created_at, direction, text, embedding) VALUES
            (1, 'ada', '2025-10-01 10:00Z', 'user', 'a', '[0.1,-2.5e-07,3]'),
            (2, 'ada', '2025-10-01 10:01Z', 'assistant', 'b', NULL),
            (3, 'ada', '2025-10-01 10:02Z', 'user', 'c', '[1,2')
          """)
      let dropped = try await LegacyTable.run(scene, options: ["--dry-run"]).expect()
      #expect(dropped.found == ["embedding.dropped": 2])
      let kept = try await LegacyTable.run(scene, yaml: "transform: {embeddings: metadata}")
        .expect()
      #expect(kept.found == ["embedding.unreadable": 1])
      #expect(
        try scene.rows(
          """
          SELECT metadata ->> 'embedding', metadata -> 'legacy' ->> 'embedding'
          FROM exai_messages ORDER BY created_at
          """) == [["[0.1, -0.00000025, 3]", nil], [nil, nil], [nil, "[1,2"]])
    }
  }

  @Test func `the plan names the source without its password, and inputs are refused`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(LegacyTable.table + LegacyTable.rows)
      try scene.directory.write(
        "p.yaml", "source: {format: conversations-table, database: '${SOURCE}'}")
      let secret = scene.database.url.replacing("//postgres@", with: "//postgres:hush@")
      let planned = try await ConvoyProcess.run(
        ["plan", "p.yaml", "--target", scene.database.url],
        environment: scene.environment.merging(["SOURCE": secret]) { $1 },
        directory: scene.directory.path)
      #expect(planned.status == 0, "\(planned.errors)")
      #expect(planned.output.contains("source     postgresql://postgres@/\(scene.database.name)"))
      #expect(planned.output.contains("conversations  conversations-table  a table"))
      #expect(!planned.output.contains("hush"))
      try LegacyTable.write(scene)
      let shown = try await scene.convoy([
        "preview", "pipeline.yaml", "--limit", "20", "--target", scene.database.url,
      ])
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.output.split(separator: "\n").count == 15)
      let named = try await scene.convoy([
        "run", "pipeline.yaml", "--target", scene.database.url, "--input", "a.sql",
      ])
      #expect(named.status == 78)
      #expect(named.errors.contains("--input does not go with source.database"))
      try scene.directory.write("none.yaml", "source: {format: conversations-table, inputs: [a]}")
      let none = try await scene.convoy(["run", "none.yaml", "--target", scene.database.url])
      #expect(none.status == 78)
      #expect(none.errors.contains("conversations-table is read from a database"))
    }
  }

  @Test(arguments: [
    (
      "id bigint, user_id text, created_at timestamptz, role text, content text",
      "source: table conversations has no column direction, text"
    ),
    (
      "id uuid, user_id text, created_at timestamptz, direction text, text text",
      "source: conversations.id is uuid, not a whole number"
    ),
    (
      "id bigint, user_id text, created_at text, direction text, text text",
      "source: conversations.created_at is text, not a time"
    ),
  ])
  func `another table of the name is refused before anything is loaded`(
    columns: String, message: String
  ) async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE conversations (\(columns))")
      let ended = try await LegacyTable.run(scene)
      #expect(ended.status == 1)
      #expect(ended.errors.contains(message), "\(ended.errors)")
    }
  }

  @Test func `an empty table is a finding and no failure`() async throws {
    try await RunScene.with { scene in
      try scene.execute(LegacyTable.table)
      let report = try await LegacyTable.run(scene).expect()
      #expect(report.found == ["input.empty": 1])
      #expect(report.total.messages == .of())
    }
  }
}
