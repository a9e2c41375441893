internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct SchemaCommandTests {
  @Test func `plan, apply and status tell the same story`() async throws {
    try await TestDatabase.with(.empty) { database in
      func convoy(_ arguments: String...) async throws -> ConvoyProcess.Outcome {
        try await ConvoyProcess.run(["schema"] + arguments + ["--target", database.url])
      }
      let refused = try await convoy("apply")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("add_files_table: table exai_sessions is not there"))
      #expect(refused.errors.contains("hint: "))
      let plan = try await convoy("plan", "--baseline")
      #expect(plan.status == 0)
      #expect(plan.output.contains("CREATE TABLE IF NOT EXISTS public.files"))
      #expect(try await convoy("status").output.contains("missing: exai_sessions, exai_messages"))
      #expect(try await convoy("apply", "--baseline").status == 0)
      #expect(try await convoy("apply", "--baseline").output == "nothing to apply\n")
      #expect(try await convoy("plan").output == "-- nothing to apply\n")
      #expect(
        try await convoy("status").output == """
          migration                        version         state
          (baseline)                       -               present
          add_files_table                  20251015000001  applied
          add_continuation_id_to_sessions  20251015000002  applied

          """)
      let json = try await convoy("status", "--json")
      #expect(json.output.contains("\"recordedVersion\" : \"20251015000001\""))
    }
  }

  @Test func `two that apply at once make everything once`() async throws {
    try await TestDatabase.with(.empty) { database in
      let arguments = ["schema", "apply", "--baseline", "--target", database.url]
      async let first = ConvoyProcess.run(arguments)
      async let second = ConvoyProcess.run(arguments)
      let outcomes = try await [first, second]
      #expect(outcomes.map(\.status) == [0, 0], "\(outcomes)")
      #expect(
        try database.query("SELECT count(*) FROM supabase_migrations.schema_migrations")
          == [["2"]])
    }
  }

  @Test func `export writes Supabase's file names and overwrites nothing that differs`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let folder = "\(directory.path)/supabase/migrations"
      let first = try await ConvoyProcess.run(["schema", "export", folder])
      #expect(first.status == 0)
      let name = "supabase/migrations/20251015000001_add_files_table.sql"
      let script = try directory.read(name)
      #expect(script == Array(Migration.all[0].script.utf8))
      let again = try await ConvoyProcess.run(["schema", "export", folder])
      #expect(again.output.split(separator: "\n").allSatisfy { $0.hasPrefix("unchanged ") })
      try directory.write(name, "-- mine\n")
      #expect(try await ConvoyProcess.run(["schema", "export", folder]).status == 1)
      #expect(try directory.read(name) == Array("-- mine\n".utf8))
    }
  }

  @Test func `a server that is not there is exit status 69, a bad target 64`() async throws {
    let absent = try await ConvoyProcess.run(
      [
        "schema", "status", "--target",
        "host=/nonexistent user=u dbname=d password=\(TestPassword.wrongInURL)",
      ])
    #expect(absent.status == 69)
    let bad = try await ConvoyProcess.run(["schema", "status", "--target", TestPassword.wrongInURL])
    #expect(bad.status == 64)
  }
}
