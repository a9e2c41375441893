import TestSupport
import Testing

@testable import Postgres

@Suite struct CopyOutTests {
  @Test func `rows come one at a time, without header and trailer`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      var rows: [[UInt8]] = []
      try await connection.copyOut(
        "COPY (SELECT n::int2 FROM generate_series(1, 3) n) TO STDOUT (FORMAT binary)"
      ) { reader in
        while try reader.nextBinaryRow({ row in
          rows.append((0..<row.count).map { row[$0] })
        }) {}
      }
      #expect(rows == (1...3).map { [0, 1, 0, 0, 0, 2, 0, UInt8($0)] })
    }
  }

  @Test func `no rows are no rows`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let count = try await connection.copyOut(
        "COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)"
      ) { reader in
        var count = 0
        while try reader.nextBinaryRow({ _ in count += 1 }) {}
        return count
      }
      #expect(count == 0)
    }
  }

  @Test func `a reader that gives up early leaves the connection usable`() async throws {
    struct Enough: Error {}
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      await #expect(throws: Enough.self) {
        try await connection.copyOut(
          "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT"
        ) { reader in
          _ = try reader.next { _ in }
          throw Enough()
        }
      }
      #expect(try connection.query("SELECT 7").first?.integer(0) == 7)
    }
  }

  @Test func `an error amid the rows is the server's own`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let error = await #expect(throws: PostgresError.self) {
        try await connection.copyOut(
          "COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) n) TO STDOUT"
        ) { reader in
          while try reader.next({ _ in }) {}
        }
      }
      #expect(error?.sqlState == SQLState(rawValue: "22012"))
      #expect(try connection.query("SELECT 7").first?.integer(0) == 7)
    }
  }
}
