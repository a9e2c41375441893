internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct BaselineColumnTests {
  @Test func `the built-in columns are what a catalogue says once they are made`() async throws {
    let now = Timestamp(microseconds: 1_760_000_000_000_000)
    let tables = [
      TargetTable(
        name: "exai_sessions", BaselineSchema.sessions + [BaselineSchema.continuationId], now: now),
      TargetTable(name: "exai_messages", BaselineSchema.messages, now: now),
    ]
    try await TestDatabase.with { database in
      let connection = try database.connect()
      for table in tables {
        let names = Set(table.columns.map(\.name))
        let read = try #require(
          try TargetTable.read(table.name, written: names, from: connection))
        #expect(read.columns.map(\.name) == table.columns.map(\.name))
        for (built, found) in zip(table.columns, read.columns) {
          #expect(built.type == found.type, "\(built.name)")
          #expect(built.modifier == found.modifier, "\(built.name)")
          #expect(built.isNotNull == found.isNotNull, "\(built.name)")
          #expect(built.hasDefault == found.hasDefault, "\(built.name)")
          // Ids and times are others each time.
          if !["id", "created_at", "updated_at"].contains(built.name) {
            #expect(built.defaultValue == found.defaultValue, "\(built.name)")
            #expect(built.defaultText == found.defaultText, "\(built.name)")
          }
        }
      }
    }
  }
}
