internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct OtherSourceTests {
  /// What each store's messages are counted as when the others' are there in part.
  private static func expected(_ store: ThreeStores, after earlier: [ThreeStores]) -> Counts {
    switch (store, earlier.contains(.lines), earlier.contains(.threads), earlier.contains(.dump)) {
    case (.dump, false, false, _): .of(inserted: 4)
    case (.dump, _, _, _): .of(merged: 4)
    case (.threads, false, _, false): .of(inserted: 7)
    case (.threads, false, _, true): .of(inserted: 3, merged: 4)
    case (.threads, true, _, _): .of(merged: 7)
    case (.lines, _, false, false): .of(inserted: 8)
    case (.lines, _, true, _): .of(inserted: 1, merged: 7)
    case (.lines, _, false, true): .of(inserted: 4, merged: 4)
    }
  }

  @Test(arguments: ThreeStores.orders)
  func `three stores of one conversation in any order leave each turn once and in its place`(
    order: [ThreeStores]
  ) async throws {
    try await RunScene.with { scene in
      try ThreeStores.write(scene.directory)
      for (number, store) in order.enumerated() {
        let earlier = Array(order[..<number])
        let dry = try await scene.run(
          store.rawValue, [store.path], options: ["--dry-run"]
        ).expect()
        let report = try await scene.run(store.rawValue, [store.path]).expect()
        #expect(report.total.messages == Self.expected(store, after: earlier))
        #expect(report.found["session.other-source"] == (number == 0 ? nil : 1))
        #expect(dry.total == report.total)
        #expect(dry.found == report.found)
        #expect(report.rowsWritten["exai_messages"] == report.total.messages.inserted)
      }
      #expect(try ThreeStores.stored(in: scene) == ThreeStores.said)
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "1")
      #expect(try scene.value("SELECT count(DISTINCT created_at) FROM exai_messages") == "8")
      let whole = try scene.checksum()
      for store in order.reversed() {
        let again = try await scene.run(store.rawValue, [store.path], options: ["--restart"])
          .expect()
        #expect(again.total.messages.inserted == 0)
        #expect(again.total.messages.updated == 0)
      }
      #expect(try scene.checksum() == whole)
    }
  }

  @Test(arguments: [1, 4])
  func `one run of all three keeps the best store's words, whatever the workers`(workers: Int)
    async throws
  {
    try await RunScene.with { scene in
      try ThreeStores.write(scene.directory)
      let options = ["--workers", "\(workers)"]
      let dry = try await scene.run("auto", ["in"], options: options + ["--dry-run"]).expect()
      let report = try await scene.run("auto", ["in"], options: options).expect()
      #expect(dry.total == report.total)
      #expect(dry.found == report.found)
      #expect(report.total.sessions == .of(inserted: 1, merged: 2))
      #expect(report.total.messages == .of(inserted: 8, merged: 11))
      #expect(report.found["session.other-source"] == 2)
      #expect(report.found["id.collision"] == nil)
      #expect(try ThreeStores.stored(in: scene) == ThreeStores.said)
      #expect(
        try scene.rows(
          """
          SELECT model_used, to_char(created_at AT TIME ZONE 'UTC', 'SS.US'), metadata -> 'legacy' ->> 'raw_ts'
          FROM exai_messages ORDER BY created_at
          """)
          == [
            [nil, "01.900000", nil], ["k2", "02.500000", nil], ["k2", "03.250000", nil],
            [nil, "03.250001", "2025-10-05T10:00:03Z"], ["k2", "05.125000", nil],
            ["k2", "06.000001", nil], [nil, "07.400000", nil], ["glm-4", "08.000000", nil],
          ])
      #expect(report.found["time.between"] == 1)
      #expect(
        try scene.rows("SELECT title, metadata #>> '{legacy,source}' FROM exai_sessions")
          == [["Kettle", "messages-dump"]])
      let again = try await scene.run("auto", ["in"], options: options + ["--restart"]).expect()
      #expect(again.total.messages == .of(unchanged: 8, merged: 11))
    }
  }

  @Test func `what a kept row does not say is counted, and filled where the policy is to update`()
    async throws
  {
    for policy in ["skip", "update"] {
      try await RunScene.with { scene in
        try ThreeStores.write(scene.directory)
        let yaml = "load: {conflict: {messages: \(policy)}}"
        try await scene.run("chat-history", ["in/c-1.jsonl"], yaml: yaml).expect()
        let dry = try await scene.run(
          "threads", ["in/threads.jsonl"], yaml: yaml, options: ["--dry-run"]
        ).expect()
        let report = try await scene.run("threads", ["in/threads.jsonl"], yaml: yaml).expect()
        #expect(report.total.messages == .of(merged: 7))
        #expect(report.found["copy.left-out"] == (policy == "skip" ? 4 : nil))
        #expect(report.rowsWritten["exai_messages"] == (policy == "skip" ? 0 : 4))
        #expect((dry.total, dry.found) == (report.total, report.found))
        #expect(
          try scene.value("SELECT count(*) FROM exai_messages WHERE model_used = 'glm-4'")
            == (policy == "skip" ? "0" : "3"))
        #expect(
          try scene.value("SELECT metadata ->> 'files' FROM exai_messages WHERE metadata ? 'files'")
            == (policy == "skip" ? nil : #"["a.py"]"#))
        #expect(try ThreeStores.stored(in: scene) == ThreeStores.said)
        for (format, path) in [("chat-history", "in/c-1.jsonl"), ("threads", "in/threads.jsonl")] {
          let whole = try scene.checksum()
          let again = try await scene.run(format, [path], yaml: yaml, options: ["--restart"])
            .expect()
          #expect(again.total.messages.inserted + again.total.messages.updated == 0)
          #expect(try scene.checksum() == whole)
        }
      }
    }
  }

  @Test(arguments: ["skip", "update"])
  func `a better store that comes later names the session only where the policy is to update`(
    policy: String
  ) async throws {
    try await RunScene.with { scene in
      try ThreeStores.write(scene.directory)
      let yaml = "load: {conflict: {sessions: \(policy)}}"
      for store in [ThreeStores.lines, .dump, .threads, .lines, .dump] {
        let options = ["--restart"]
        let dry = try await scene.run(
          store.rawValue, [store.path], yaml: yaml, options: options + ["--dry-run"]
        ).expect()
        let report = try await scene.run(
          store.rawValue, [store.path], yaml: yaml, options: options
        ).expect()
        #expect((dry.total, dry.found) == (report.total, report.found))
      }
      #expect(
        try scene.rows("SELECT title, metadata #>> '{legacy,source}' FROM exai_sessions")
          == [policy == "skip" ? ["why", "chat-history"] : ["Kettle", "messages-dump"]])
      #expect(try ThreeStores.stored(in: scene) == ThreeStores.said)
    }
  }

  @Test func `two conversations are never one, whatever they say`() async throws {
    try await RunScene.with { scene in
      try ThreeStores.write(scene.directory)
      try await scene.run("threads", ["in/threads.jsonl"]).expect()
      try ThreeStores.write(scene.directory, ["c-2"])
      let report = try await scene.run("chat-history", ["in/c-2.jsonl"]).expect()
      #expect(report.total.messages == .of(inserted: 8))
      #expect(report.found["session.other-source"] == nil)
      #expect(try scene.value("SELECT count(*) FROM convoy.copies") == "0")
    }
  }
}
