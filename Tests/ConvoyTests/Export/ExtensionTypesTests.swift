internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Types that an extension brings, which the binary COPY of no client knows.
@Suite struct ExtensionTypesTests {
  /// Name of the extension, a column's type, and values.
  private static let known: [(name: String, type: String, values: [String])] = [
    ("hstore", "hstore", ["\"a\"=>\"1\", \"b c\"=>NULL", ""]),
    ("cube", "cube", ["(1, 2.5, -3e-300),(4, 5, 6)", "(0)"]),
    ("ltree", "ltree", ["Top.Science.Astronomy", ""]),
    ("citext", "citext[]", ["{Ada,NULL,\"x,y\"}", "{}"]),
    ("isn", "isbn13", ["978-0-393-04002-9", "978-1-56619-909-4"]),
    ("vector", "vector(3)", ["[0.1,-2.5e-08,3]", "[1e+30,0,-0]"]),
  ]

  @Test func `values of an extension's types come back as they were`() async throws {
    try await RunScene.with(.empty) { scene in
      // pgvector is no part of the server's own package; wherever it is there, it takes part.
      let available = try scene.database.query("SELECT name FROM pg_available_extensions")
        .compactMap { $0[0] }
      let extensions = Self.known.filter { available.contains($0.name) }
      #expect(extensions.count >= Self.known.count - 1)
      let creation = extensions.map { "CREATE EXTENSION \($0.name);" }.joined()
      try scene.execute(creation)
      let columns = extensions.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
      try scene.execute("CREATE TABLE t (n int, \(columns))")
      for row in 0..<2 {
        let values = extensions.map { "'\($0.values[row])'" }.joined(separator: ", ")
        try scene.execute("INSERT INTO t VALUES (\(row), \(values))")
      }
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      let question = "SELECT t::text FROM t ORDER BY n"
      try await TestDatabase.with(.empty) { other in
        let without = try await scene.convoy(
          ["archive", "restore", archive.path, "--target", other.url])
        #expect(without.status == 1)
        #expect(without.errors.contains("hstore"), "\(without.errors)")
        try other.execute(creation)
        let restored = try await scene.convoy(
          ["archive", "restore", archive.path, "--target", other.url])
        #expect(restored.output == "t: 2 rows, the same as in the archive\n", "\(restored.errors)")
        #expect(try other.query(question) == scene.rows(question))
      }
      let beside = try await scene.convoy(
        [
          "archive", "restore", archive.path, "--target", scene.database.url, "--schema", "copy",
        ])
      #expect(beside.output == "copy.t: 2 rows, the same as in the archive\n", "\(beside.errors)")
    }
  }

  @Test func `vectors come back to the last digit, in whatever schema their type is`() async throws
  {
    let server = try await EmbeddingRunTests.vectors.value
    try await server.withDatabase { database in
      try await TemporaryDirectory.with { directory in
        let scene = RunScene(directory: directory, database: database)
        try scene.execute(
          """
          CREATE SCHEMA extensions; CREATE EXTENSION vector SCHEMA extensions;
          CREATE TABLE t (n int, v extensions.vector(3), w extensions.vector, h extensions.halfvec(2));
          INSERT INTO t VALUES (1, '[0.1,-2.5e-08,3]', '[3.4028235e+38,1e-45]', '[65504,6e-08]'),
            (2, '[1e+30,0,-0]', '[0.33333334]', NULL), (3, NULL, NULL, NULL);
          INSERT INTO t SELECT 4 + n, NULL, (SELECT array_agg((sin(n * 7 + d) / (d + 1))::real)
            FROM generate_series(0, 1535) d)::extensions.vector FROM generate_series(0, 49) n
          """)
        for format in ["jsonl", "copy"] {
          try scene.writeExport(["t"], yaml: "format: \(format)")
          let archive = try await scene.exported()
          let restored = try await scene.convoy([
            "archive", "restore", archive.path, "--target", database.url, "--schema",
            "back_\(format)",
          ])
          #expect(
            restored.output == "back_\(format).t: 53 rows, the same as in the archive\n",
            "\(restored.errors)")
          let question = "SELECT n, v::text, w::text, h::text FROM "
          #expect(
            try scene.rows("\(question)back_\(format).t ORDER BY n")
              == scene.rows("\(question)t ORDER BY n"))
        }
      }
    }
  }
}
