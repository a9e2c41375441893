internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct SamplesTests {
  /// A ready pipeline, its samples, and what becomes of them.
  struct Sample: Sendable, CustomTestStringConvertible {
    let pipeline: String
    let directory: String
    let sessions: Int
    /// Messages found, of which `merged` became part of another one's row.
    let messages: Int
    let merged: Int
    /// Rows of files.
    let files: Int
    /// Names the samples where they are not what the pipeline reads by itself, and keys that are set for them.
    let input: [String]
    let testDescription: String

    init(
      _ pipeline: String, _ directory: String, sessions: Int, messages: Int, merged: Int,
      files: Int = 0, isNamed: Bool = false, setting: String? = nil
    ) {
      input =
        (isNamed ? ["--input", "samples/\(directory)"] : [])
        + (setting.map { ["--set", $0] } ?? [])
      self.pipeline = "pipelines/\(pipeline).yaml"
      self.directory = directory
      self.sessions = sessions
      self.messages = messages
      self.merged = merged
      self.files = files
      testDescription = "\(pipeline), \(directory)"
    }
  }

  static let samples = [
    Sample("legacy-threads", "threads", sessions: 12, messages: 31, merged: 0),
    Sample(
      "legacy-threads", "encodings", sessions: 4, messages: 8, merged: 0, isNamed: true),
    Sample("chat-history", "chat-history", sessions: 5, messages: 13, merged: 0),
    Sample(
      "chat-history", "history-blocks", sessions: 1, messages: 8, merged: 0, isNamed: true,
      setting: "transform.historyBlocks=strip"),
    Sample("openai-chat", "openai-chat", sessions: 9, messages: 28, merged: 4),
    Sample("request-response", "request-response", sessions: 6, messages: 13, merged: 0),
    Sample("tool-calls", "tool-calls", sessions: 2, messages: 11, merged: 3),
    Sample("auggie", "auggie", sessions: 4, messages: 8, merged: 0),
    Sample("conversation-tracker", "conversation-tracker", sessions: 2, messages: 2, merged: 0),
    Sample("agent-memory", "agent-memory", sessions: 2, messages: 7, merged: 0),
    Sample("legacy-messages-dump", "messages-dump", sessions: 2, messages: 9, merged: 1),
    Sample("legacy-threads-table", "threads-table", sessions: 2, messages: 4, merged: 0),
    Sample("message-bus", "message-bus", sessions: 2, messages: 3, merged: 0),
    Sample("legacy-files-tables", "files-tables", sessions: 2, messages: 4, merged: 0, files: 3),
  ]

  @Test(arguments: samples)
  func `a ready pipeline loads its samples once and clean`(_ sample: Sample) async throws {
    try await TestDatabase.with { database in
      try await Checkout.withWorkingCopy { directory in
        func counts(_ options: [String]) async throws -> [String: [String: Int]] {
          let ended = try await ConvoyProcess.run(
            ["run", sample.pipeline, "--target", database.url, "--json"]
              + (sample.files > 0 ? ["--set", "store.directory=objects"] : [])
              + sample.input + options,
            environment: ["CONVOY_HOME": "\(directory.path)/home"], directory: directory.path)
          #expect(ended.status == 0, "\(ended.errors)")
          return try Self.total(ended.output)
        }
        let rows = sample.messages - sample.merged
        let loaded = [
          "sessions": Self.counts(read: sample.sessions, inserted: sample.sessions),
          "messages": Self.counts(read: sample.messages, inserted: rows, merged: sample.merged),
          "files": Self.counts(read: sample.files, inserted: sample.files),
        ]
        let judged = try await counts(["--dry-run"])
        #expect(judged == loaded)
        let first = try await counts([])
        #expect(first == loaded)
        let again = [
          "sessions": Self.counts(read: sample.sessions, unchanged: sample.sessions),
          "messages": Self.counts(read: sample.messages, unchanged: rows, merged: sample.merged),
          "files": Self.counts(read: sample.files, unchanged: sample.files),
        ]
        for options in [["--dry-run"], [], ["--restart"]] {
          let repeated = try await counts(options)
          #expect(repeated == again, "\(options)")
        }
      }
      #expect(
        try database.query("SELECT count(*) FROM exai_sessions") == [["\(sample.sessions)"]])
    }
  }

  @Test(arguments: samples)
  func `a preview shows what is kept beside the samples`(_ sample: Sample) async throws {
    let shown = try await Self.preview(sample.pipeline, sample.input)
    #expect(try shown == Self.lines("samples/\(sample.directory).stored.jsonl"))
  }

  @Test func `of text in other encodings it is told what was replaced, and what was read wrongly`()
    async throws
  {
    try await Checkout.withWorkingCopy { directory in
      let ended = try await ConvoyProcess.run(
        [
          "run", "pipelines/legacy-threads.yaml", "--input", "samples/encodings", "--dry-run",
          "--offline", "--report", "report",
        ], directory: directory.path)
      let report = try RunOutcome(ended, in: directory).expect()
      #expect(
        report.found == ["text.replaced": 2, "json.control-character": 1, "content.codepage": 1])
    }
  }

  @Test func `of history blocks it is told which were stripped, and which is stored whole`()
    async throws
  {
    try await Checkout.withWorkingCopy { directory in
      let ended = try await ConvoyProcess.run(
        [
          "run", "pipelines/chat-history.yaml", "--input", "samples/history-blocks", "--set",
          "transform.historyBlocks=strip", "--dry-run", "--offline", "--report", "report",
        ], directory: directory.path)
      let report = try RunOutcome(ended, in: directory).expect()
      #expect(report.found == ["content.history-stripped": 2, "content.history": 1])
    }
  }

  @Test func `three stores of one conversation become the rows kept beside them`() async throws {
    try await TestDatabase.with { database in
      try await Checkout.withWorkingCopy { directory in
        let loaded = [
          "sessions": Self.counts(read: 3, inserted: 1, merged: 2),
          "messages": Self.counts(read: 14, inserted: 6, merged: 8), "files": Self.counts(),
        ]
        for options in [["--dry-run"], []] {
          let ended = try await ConvoyProcess.run(
            [
              "run", "pipelines/any-conversations.yaml", "--input", "samples/three-stores",
              "--target", database.url, "--json",
            ] + options, directory: directory.path)
          #expect(ended.status == 0, "\(ended.errors)")
          #expect(try Self.total(ended.output) == loaded)
        }
      }
      let lines = try Self.lines("samples/three-stores.stored.jsonl")
      #expect(try Self.stored(database) + [""] == lines)
    }
  }

  /// All rows as a preview writes them, messages in their order.
  private static func stored(_ database: TestDatabase) throws -> [String] {
    let tables = [
      ("exai_sessions", "id, continuation_id, user_id, title, created_at, metadata, updated_at"),
      (
        "exai_messages",
        "id, session_id, role, content, cost_usd, created_at, latency_ms, metadata, model_used, "
          + "provider_used, tokens_in, tokens_out, tool_args, tool_name, tool_result"
      ),
    ]
    return try tables.flatMap { table, columns in
      let pairs = columns.split(separator: ", ").map { "'\($0)', \($0)" }
      return try database.query(
        """
        SELECT json_build_object('table', '\(table)', 'row',
          json_build_object(\(pairs.joined(separator: ", "))))::text FROM \(table) ORDER BY created_at
        """
      ).compactMap { $0[0] }
    }
  }

  /// A ready pipeline that reads a database, the statements that make its sample, and what becomes of it.
  struct Tables: Sendable, CustomTestStringConvertible {
    let pipeline: String
    let directory: String
    let statements: String
    /// Variable that names the database.
    let variable: String
    var options: [String] = []
    let sessions: Int
    let messages: Int
    let merged: Int

    var testDescription: String { pipeline }
  }

  static let tables = [
    Tables(
      pipeline: "pipelines/legacy-conversations-table.yaml", directory: "conversations-table",
      statements: "conversations.sql", variable: "LEGACY_DATABASE_URL", sessions: 3, messages: 9,
      merged: 0),
    Tables(
      pipeline: "pipelines/legacy-messages-tables.yaml", directory: "messages-tables",
      statements: "later.sql", variable: "CONVOY_SOURCE",
      options: [
        "--set",
        "source.tables=[later.conversations, later.messages, later.conversation_threads, later.message_bus]",
      ], sessions: 4, messages: 8, merged: 1),
  ]

  @Test(arguments: tables)
  func `tables of a database become their sample's rows, and a second run adds nothing`(
    _ sample: Tables
  ) async throws {
    try await TestDatabase.with { database in
      try database.connect().execute(
        try Checkout.text("samples/\(sample.directory)/\(sample.statements)"))
      let environment = [sample.variable: database.url]
      let shown = try await ConvoyProcess.run(
        ["preview", sample.pipeline, "--limit", "1000", "--target", database.url] + sample.options,
        environment: environment, directory: Checkout.path)
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(
        try shown.output.components(separatedBy: "\n")
          == Self.lines("samples/\(sample.directory).stored.jsonl"))
      try await Checkout.withWorkingCopy { directory in
        func counts(_ options: [String]) async throws -> [String: [String: Int]] {
          let ended = try await ConvoyProcess.run(
            ["run", sample.pipeline, "--target", database.url, "--json"] + sample.options + options,
            environment: environment, directory: directory.path)
          #expect(ended.status == 0, "\(ended.errors)")
          return try Self.total(ended.output)
        }
        let rows = sample.messages - sample.merged
        let loaded = [
          "sessions": Self.counts(read: sample.sessions, inserted: sample.sessions),
          "messages": Self.counts(read: sample.messages, inserted: rows, merged: sample.merged),
          "files": Self.counts(),
        ]
        let judged = try await counts(["--dry-run"])
        #expect(judged == loaded)
        let first = try await counts([])
        #expect(first == loaded)
        let again = [
          "sessions": Self.counts(read: sample.sessions, unchanged: sample.sessions),
          "messages": Self.counts(read: sample.messages, unchanged: rows, merged: sample.merged),
          "files": Self.counts(),
        ]
        for options in [["--dry-run"], [], ["--restart"]] {
          let repeated = try await counts(options)
          #expect(repeated == again, "\(options)")
        }
      }
    }
  }

  @Test func `damaged records are rejected with their bytes and the rest of the file loads`()
    async throws
  {
    let (pipeline, input) = ("pipelines/legacy-threads.yaml", "samples/damaged/threads.jsonl")
    let shown = try await Self.preview(pipeline, ["--input", input])
    #expect(try shown == Self.lines("samples/damaged.stored.jsonl"))
    try await TestDatabase.with { database in
      try await Checkout.withWorkingCopy { directory in
        let ended = try await ConvoyProcess.run(
          ["run", pipeline, "--input", input, "--target", database.url, "--report", "report"],
          directory: directory.path)
        #expect(ended.status == 3, "\(ended.errors)")
        let rejects = String(decoding: try directory.read("report/rejects.jsonl"), as: UTF8.self)
        let lines = rejects.components(separatedBy: "\n")
        #expect(try lines == Self.lines("samples/damaged.rejects.jsonl"))
      }
      #expect(
        try database.query(
          "SELECT count(DISTINCT session_id), count(*) FROM exai_messages") == [["2", "4"]])
    }
  }

  /// Lines of a preview; a time that is only the import's, as where the source has none, in words.
  private static func preview(_ pipeline: String, _ options: [String] = []) async throws
    -> [String]
  {
    try await TestDatabase.with { database in
      let today = try database.query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")
      let month = try #require(today.first?.first ?? nil)
      let ended = try await ConvoyProcess.run(
        [
          "preview", pipeline, "--limit", "1000", "--target", database.url, "--set",
          "attach.turns=off",
        ] + options,
        directory: Checkout.path)
      #expect(ended.status == 0, "\(ended.errors)")
      return ended.output
        .replacing(try Regex(#"_at" : "\#(month)[^"]*""#), with: #"_at" : "when it was imported""#)
        .components(separatedBy: "\n")
    }
  }

  /// Split by U+000A alone: samples hold other line separators on purpose.
  private static func lines(_ name: String) throws -> [String] {
    try Checkout.text(name).components(separatedBy: "\n")
  }

  private static func total(_ report: String) throws -> [String: [String: Int]] {
    struct Report: Decodable {
      let total: [String: [String: Int]]
    }
    return try JSONDecoder().decode(Report.self, from: Data(report.utf8)).total
  }

  private static func counts(
    read: Int = 0, inserted: Int = 0, unchanged: Int = 0, merged: Int = 0
  ) -> [String: Int] {
    [
      "read": read, "inserted": inserted, "updated": 0, "unchanged": unchanged, "merged": merged,
      "filtered": 0, "rejected": 0,
    ]
  }
}
