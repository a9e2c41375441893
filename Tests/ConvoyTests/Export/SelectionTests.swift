internal import Archive
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct SelectionTests {
  @Test func `members that cannot hold what is asked for are not even opened`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.execute("CREATE TABLE timeless (a int); INSERT INTO timeless VALUES (1)")
      try scene.writeExport(["noise", "timeless"], yaml: "partBytes: 1MiB")
      let archive = try await scene.exported()
      let parts = archive.manifest.tables[0].parts
      try #require(parts.count > 2)
      let last = try #require(parts.last?.times)
      // All but the last part are damaged; who reads them cannot end well.
      for part in parts.dropLast() {
        try scene.directory.write("archives/\(archive.name)/\(part.file)", [0])
      }
      let ended = try await scene.convoy([
        "archive", "restore", archive.path, "--target", scene.database.url, "--schema", "late",
        "--only", "since=\(last.least)",
      ])
      #expect(ended.status == 0, "\(ended.errors)")
      let rows = try #require(parts.last).rows
      let members = parts.reduce(0) { $0 + $1.members.count }
      let needed = try #require(parts.last).members.count
      #expect(
        ended.output == """
          late.noise: \(rows) rows, the same as in the archive; \(needed) of \(members) members read
          passed over timeless: it has no created_at

          """)
      #expect(try scene.value("SELECT count(*) FROM late.noise") == "\(rows)")
      let whole = try await scene.convoy([
        "archive", "cat", archive.path, "--only", "table=timeless",
      ])
      #expect(whole.output == "{\"table\":\"timeless\",\"row\":{\"a\":1}}\n")
    }
  }

  @Test(arguments: [
    ("table=nowhere", 1, "has no table nowhere"), ("session=nobody", 1, "has no session nobody"),
    ("since=yesterday", 64, "--only since=yesterday: a date"),
    ("times=2", 64, "table=NAME, session=ID or since=TIME is wanted"),
    ("table=", 64, "table=NAME, session=ID or since=TIME is wanted"),
  ])
  func `what cannot be asked for is named`(term: String, status: Int32, message: String)
    async throws
  {
    try await RunScene.with { scene in
      try scene.writeExport(["exai_sessions"])
      let archive = try await scene.exported()
      for command in ["restore", "cat"] {
        let target = command == "restore" ? ["--target", scene.database.url] : []
        let ended = try await scene.convoy(
          ["archive", command, archive.path, "--only", term] + target)
        #expect(ended.status == status)
        #expect(ended.errors.contains(message), "\(ended.errors)")
      }
    }
  }

  @Test func `ids and times at their ends decide as the server does`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        """
        CREATE TABLE t (a int, created_at timestamptz);
        INSERT INTO t VALUES (1, '-infinity'), (2, '0044-03-15 BC'), (3, '2024-12-31 23:59:59.999999+00'),
          (4, '2025-01-01 00:00:00+00'), (5, '2025-01-01 00:00:00.5+00'), (6, '12025-01-01'),
          (7, 'infinity'), (8, NULL)
        """)
      for format in ["jsonl", "copy"] {
        try scene.writeExport(["t"], yaml: "format: \(format)")
        let archive = try await scene.exported()
        let printed = try await scene.convoy([
          "archive", "cat", archive.path, "--only", "since=2025-01-01",
        ])
        let rows = printed.output.split(separator: "\n").compactMap { line in
          line.firstRange(of: "\"a\":").map { line[$0.upperBound] }
        }
        #expect(rows == ["4", "5", "6", "7"])
      }
    }
  }
}
