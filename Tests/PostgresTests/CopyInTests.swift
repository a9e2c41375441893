internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct CopyInTests {
  private struct GaveUp: Error {}

  private static let textCopy = "COPY t (n, s) FROM STDIN"
  private static let binaryCopy = "COPY t (n, s) FROM STDIN (FORMAT binary)"

  @Test func `text rows arrive and are counted`() async throws {
    try await withTable { database, connection in
      let rows = try connection.copyIn(Self.textCopy) { writer in
        try writer.write(Array("1\tone\n2\t\\N\n".utf8).span)
      }
      #expect(rows == 2)
      #expect(try database.query("SELECT n, s FROM t ORDER BY n") == [["1", "one"], ["2", nil]])
    }
  }

  @Test func `binary rows arrive however they are cut into writes`() async throws {
    try await withTable { database, connection in
      var bytes = BinaryCopy.header
      for (number, text) in [(1, "one" as String?), (-2, nil)] {
        bytes.append(bigEndian: Int16(2))
        bytes.append(bigEndian: Int32(4))
        bytes.append(bigEndian: Int32(number))
        if let text {
          bytes.append(bigEndian: Int32(text.utf8.count))
          bytes += Array(text.utf8)
        } else {
          bytes.appendNull()
        }
      }
      bytes += BinaryCopy.trailer
      let rows = try connection.copyIn(Self.binaryCopy) { writer in
        for start in stride(from: 0, to: bytes.count, by: 7) {
          try writer.write(bytes[start..<min(start + 7, bytes.count)].span)
        }
      }
      #expect(rows == 2)
      #expect(try database.query("SELECT n, s FROM t ORDER BY n") == [["-2", nil], ["1", "one"]])
    }
  }

  @Test func `a write larger than libpq takes at once arrives whole`() async throws {
    try await withTable { database, connection in
      let text = [UInt8](repeating: UInt8(ascii: "x"), count: 5 << 20)
      try connection.copyIn(Self.textCopy) { writer in
        try writer.write((Array("1\t".utf8) + text + [0x0A]).span)
      }
      #expect(try database.query("SELECT length(s) FROM t") == [["\(5 << 20)"]])
    }
  }

  @Test(
    arguments: [
      ("x\tone\n", "22P02", "COPY t, line 1, column n: \"x\""),
      ("1\tone\n1\ttwo\n", "23505", "COPY t, line 2"),
    ]) func `a refused row leaves the table empty and the connection usable`(
      rows: String, code: String, context: String
    ) async throws
  {
    try await withTable { database, connection in
      do {
        try connection.copyIn(Self.textCopy) { try $0.write(Array(rows.utf8).span) }
        Issue.record("the server accepted it")
      } catch let error as PostgresError {
        #expect(error.sqlState == SQLState(rawValue: code))
        #expect(error.context == context)
      }
      #expect(try database.query("SELECT count(*) FROM t") == [["0"]])
      #expect(try connection.copyIn(Self.textCopy) { try $0.write(Array("7\t\n".utf8).span) } == 1)
    }
  }

  @Test func `a refusal in the middle of much data reports the server's reason`() async throws {
    try await withTable { _, connection in
      do {
        try connection.copyIn(Self.textCopy) { writer in
          try writer.write(Array("bad\trow\n".utf8).span)
          let block = Array(String(repeating: "1\tfiller of some length\n", count: 10_000).utf8)
          for _ in 0..<100 { try writer.write(block.span) }
        }
        Issue.record("the server accepted it")
      } catch let error as PostgresError {
        #expect(error.sqlState == SQLState(rawValue: "22P02"))
      }
      #expect(try connection.query("SELECT count(*) FROM t").first?.text(0) == "0")
    }
  }

  @Test func `a body that throws leaves the table empty and its own error wins`() async throws {
    try await withTable { database, connection in
      #expect(throws: GaveUp.self) {
        try connection.copyIn(Self.textCopy) { writer in
          try writer.write(Array("1\tone\n".utf8).span)
          throw GaveUp()
        }
      }
      let rows = try database.query("SELECT count(*) FROM t")
      #expect(rows == [["0"]])
      #expect(try connection.copyIn(Self.textCopy) { try $0.write(Array("7\t\n".utf8).span) } == 1)
    }
  }

  @Test func `a COPY the server will not start is its error`() async throws {
    try await withTable { _, connection in
      do {
        try connection.copyIn("COPY nowhere FROM STDIN") { _ in Issue.record("it started") }
      } catch let error as PostgresError {
        #expect(error.sqlState == .undefinedTable)
      }
      #expect(try connection.query("SELECT 1").first?.text(0) == "1")
    }
  }

  private func withTable(
    _ body: (TestDatabase, borrowing PostgresConnection) async throws -> Void
  ) async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute("CREATE TABLE t (n int PRIMARY KEY, s text)")
      try await body(database, connection)
    }
  }
}
