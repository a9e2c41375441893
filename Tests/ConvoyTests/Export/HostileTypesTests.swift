internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct HostileTypesTests {
  @Test func `every type's values at their ends come back as they were`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(HostileTypes.sql)
      try scene.writeExport(["hostile"])
      let first = try await scene.exported()
      #expect(first.manifest.rows == 5)
      try await TestDatabase.with(.empty) { other in
        let restored = try await scene.convoy(
          ["archive", "restore", first.path, "--target", other.url])
        #expect(restored.status == 0, "\(restored.errors)")
        // The server's own words for each row, and for each column by itself.
        let question = "SELECT t::text FROM hostile t ORDER BY n"
        #expect(try other.query(question) == scene.rows(question))
        let columns = first.manifest.tables[0].columns
        let each = columns.map { "\"\($0.name.replacing("\"", with: "\"\""))\"::text" }
        let values = "SELECT \(each.joined(separator: ", ")) FROM hostile ORDER BY n"
        #expect(try other.query(values) == scene.rows(values))
        let again = try await scene.exported(target: other.url)
        #expect(again.manifest.tables[0].checksum == first.manifest.tables[0].checksum)
        #expect(
          again.manifest.tables[0].parts.map(\.rawSHA256)
            == first.manifest.tables[0].parts.map(\.rawSHA256))
        #expect(again.manifest.enums == first.manifest.enums)
        #expect(again.manifest.tables[0].columns == columns)
        // The identity goes on behind what was restored.
        #expect(try other.query("INSERT INTO hostile DEFAULT VALUES RETURNING n") == [["6"]])
      }
    }
  }

  @Test func `each type is written by its own rule`() async throws {
    let cases: [(type: String, literal: String, json: String)] = [
      ("bool", "true", "true"), ("int2", "-32768", "-32768"),
      ("int8", "9223372036854775807", "9223372036854775807"),
      ("numeric(10,6)", "0.00123", "0.001230"), ("numeric", "-0.00001", "-0.00001"),
      ("numeric", "100000000", "100000000"), ("numeric", "12345678.9012", "12345678.9012"),
      ("numeric", "NaN", "\"NaN\""), ("float8", "0.1", "0.1"),
      ("float8", "-Infinity", "\"-Infinity\""),
      ("timestamptz", "2025-10-05 10:12:33.5+10", "\"2025-10-05T00:12:33.5+00:00\""),
      ("timestamptz", "0001-01-01 00:00:00+00 BC", "\"0001-01-01T00:00:00+00:00 BC\""),
      ("timestamp", "12345-06-07 00:00:00.000001", "\"12345-06-07T00:00:00.000001\""),
      ("timestamptz", "infinity", "\"infinity\""), ("date", "0044-03-15 BC", "\"0044-03-15 BC\""),
      ("time", "24:00", "\"24:00:00\""), ("bytea", "\\x00ff", "\"\\\\x00ff\""),
      ("text", "a\"\\b\u{1}\t", "\"a\\\"\\\\b\\u0001\\t\""),
      ("jsonb", "{\"b\":1.0,\"a\":null}", "{\"a\": null, \"b\": 1.0}"), ("jsonb", "null", "null"),
      ("json", "{ \"b\":1 }", "\"{ \\\"b\\\":1 }\""),
      ("uuid", "0197602b-2610-8ba4-943a-79171d3c0dc2", "\"0197602b-2610-8ba4-943a-79171d3c0dc2\""),
      ("text[]", "{a,NULL,\"\"}", "[\"a\",null,\"\"]"), ("int[]", "{{1,2},{3,4}}", "[[1,2],[3,4]]"),
      ("int[]", "[0:1]={5,6}", "{\"lowerBounds\":[0],\"elements\":[5,6]}"), ("int[]", "{}", "[]"),
      ("interval", "1 day", "\"1 day\""), ("char(3)", "a", "\"a  \""),
      ("int4range", "[1,3)", "\"[1,3)\""),
    ]
    try await RunScene.with(.empty) { scene in
      let columns = cases.enumerated().map { "c\($0) \($1.type)" }
      try scene.execute("CREATE TABLE t (\(columns.joined(separator: ", ")), absent text)")
      let places = cases.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
      _ = try scene.database.query("INSERT INTO t VALUES (\(places))", cases.map(\.literal))
      try scene.writeExport(["t"])
      let line = try await scene.lines("t", of: scene.exported())[0]
      let expected = cases.enumerated().map { "\"c\($0)\":\($1.json)" }.joined(separator: ",")
      #expect(String(decoding: line, as: UTF8.self) == "{\(expected)}")
    }
  }

  @Test func `names that need quotes, other schemas and tables without columns come back`()
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        #"""
        CREATE SCHEMA "Odd"; CREATE TABLE "Odd"."select ""x""" ("user" int PRIMARY KEY, "a,b" text);
        INSERT INTO "Odd"."select ""x""" VALUES (1, 'x'), (2, NULL);
        CREATE INDEX "an index" ON "Odd"."select ""x""" ("a,b");
        CREATE TABLE child (parent int REFERENCES "Odd"."select ""x""");
        INSERT INTO child VALUES (2);
        CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES
        """#)
      try scene.writeExport(["child", "'Odd.select \"x\"'", "nothing"])
      let first = try await scene.exported()
      #expect(first.manifest.tables.map(\.name) == ["select \"x\"", "child", "nothing"])
      try await TestDatabase.with(.empty) { other in
        let restored = try await scene.convoy(
          ["archive", "restore", first.path, "--target", other.url])
        #expect(restored.status == 0, "\(restored.errors)")
        let again = try await scene.exported(target: other.url)
        #expect(again.manifest.tables.map(\.checksum) == first.manifest.tables.map(\.checksum))
        #expect(again.manifest.tables.map(\.indexes) == first.manifest.tables.map(\.indexes))
        #expect(
          again.manifest.tables.map(\.constraints) == first.manifest.tables.map(\.constraints))
        #expect(try other.query("SELECT count(*) FROM nothing") == [["2"]])
      }
    }
  }
}
