internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct RegistrySampleTests {
  @Test func `the ready pipeline makes of its samples what is kept beside them, once`() async throws
  {
    try await TestDatabase.with { database in
      try await Checkout.withWorkingCopy { directory in
        func run(_ options: [String] = []) async throws -> WrittenReport {
          let ended = try await ConvoyProcess.run(
            [
              "run", "pipelines/file-registry.yaml", "--target", database.url, "--report", "report",
              "--set", "store.directory=objects", "--set", "store.kind=directory",
            ] + options, environment: ["CONVOY_HOME": "\(directory.path)/home"],
            directory: directory.path)
          return try RunOutcome(ended, in: directory).expect()
        }
        let dry = try await run(["--dry-run"])
        let first = try await run()
        #expect(first.total.files == .of(inserted: 4, filtered: 5))
        #expect(dry.total.files == first.total.files)
        #expect(
          first.found == [
            "file.record-differs": 1, "upload.unmatched": 2, "time.naive": 6,
            "time.zone-change": 1, "file.excluded": 5, "file.unlinked": 4,
          ])
        // A file without a time of its own has that of the checkout.
        let rows = try database.query(
          """
          SELECT (jsonb_strip_nulls(to_jsonb(f) - 'updated_at') || jsonb_build_object(
            'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text
          FROM files f ORDER BY storage_path
          """)
        let kept = try Checkout.text("samples/file-registry.stored.jsonl")
          .split(separator: "\n").map(String.init)
        #expect(rows.map { $0[0] ?? "" } == kept)
        #expect(try await run().total.files == .of(unchanged: 4, filtered: 5))
      }
    }
  }
}
