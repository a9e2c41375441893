internal import TestSupport
internal import Testing

@Suite struct LocalCommandTests {
  @Test func `start, status, url, psql, stop and remove work together`() async throws {
    try await TemporaryDirectory.with { directory in
      func convoy(_ arguments: String...) async throws -> ConvoyProcess.Outcome {
        try await ConvoyProcess.run(
          ["local"] + arguments, environment: ["CONVOY_HOME": directory.path])
      }
      let url = "postgresql://postgres@/convoy?host=\(directory.path)/local/socket&port=5432"
      do {
        let fresh = try await convoy("status")
        #expect(fresh.status == 1)
        #expect(fresh.output.hasPrefix("not made yet\n"))
        #expect(try await convoy("url").output == "\(url)\n")
        #expect(try await convoy("start").output == "started\n\(url)\n")
        #expect(try await convoy("start").output == "running already\n\(url)\n")
        let running = try await convoy("status")
        #expect(running.status == 0)
        #expect(running.output.hasPrefix("running\n"))
        let sql = try await convoy("psql", "--", "-Atc", "select current_database(), 'a b'")
        #expect(sql.output == "convoy|a b\n")
        #expect(try await convoy("psql", "--", "-qc", "select 1/0").status == 1)
        #expect(try await convoy("stop").output == "stopped\n")
        #expect(try await convoy("stop").output == "was not running\n")
        let unconfirmed = try await convoy("remove")
        #expect(unconfirmed.status == 1)
        #expect(unconfirmed.errors.contains("--yes"))
        #expect(try await convoy("remove", "--yes").output == "removed\n")
        #expect(try await convoy("remove", "--yes").output == "nothing to remove\n")
      } catch {
        _ = try await convoy("remove", "--yes")
        throw error
      }
    }
  }

  @Test func `a missing server is one line and one hint`() async throws {
    try await TemporaryDirectory.with { directory in
      let outcome = try await ConvoyProcess.run(
        ["local", "start"],
        environment: ["CONVOY_HOME": directory.path, "CONVOY_PG_BIN": "/nonexistent"])
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      #expect(outcome.errors.hasPrefix("convoy local start: CONVOY_PG_BIN: /nonexistent "))
    }
  }
}
