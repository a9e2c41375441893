internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct DoctorCommandTests {
  @Test func `a target as it should be is all ok, on less than a screen`() async throws {
    try await RunScene.with { scene in
      let ended = try await scene.convoy(["doctor", "--target", scene.database.url])
      #expect(ended.status == 0, "\(ended.errors)")
      let lines = ended.output.split(separator: "\n")
      #expect(lines.count <= 24)
      #expect(lines.allSatisfy { $0.hasPrefix("ok       ") }, "\(ended.output)")
      #expect(ended.output.contains("\nok       row-security  does not bind role postgres\n"))
      #expect(ended.output.utf8.count < 24 * 100)
      let answer = try await scene.doctor()
      #expect(answer.status == 0)
      #expect(
        answer.checks.map(\.name) == [
          "reachable", "tls", "pooler", "version", "encoding", "writable", "role", "row-security",
          "privileges", "timeouts", "size", "disk", "tables", "migrations", "definitions", "runs",
        ])
      #expect(answer.checks.allSatisfy { $0.state == "ok" && $0.advice == nil })
    }
  }

  @Test func `what is missing of the schema is told with what makes it`() async throws {
    try await RunScene.with(.empty) { scene in
      let answer = try await scene.doctor()
      #expect(answer.status == 1)
      let tables = answer.checks.first { $0.name == "tables" }
      #expect(tables?.state == "refused")
      #expect(tables?.found == "the target has no table public.exai_sessions")
      #expect(tables?.advice?.contains("convoy schema apply --baseline") == true)
      #expect(answer.state("migrations") == "warning")
    }
  }

  @Test func `what a role lacks is granted by the statements it is told`() async throws {
    try await RunScene.with { scene in
      let role = "r_\(scene.database.name)"
      try scene.execute("CREATE ROLE \(role) LOGIN BYPASSRLS")
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      let refused = try await scene.doctor(target: url)
      #expect(refused.status == 1)
      let advice = try refused.check("privileges").advice
      try scene.execute(try #require(advice))
      #expect(try await scene.doctor(target: url).status == 0)
      try await scene.run("threads", ["t.jsonl"], options: ["--target", url]).expect()
      // With what the run itself has made, too.
      #expect(try await scene.doctor(target: url).status == 0)
      try scene.execute("REASSIGN OWNED BY \(role) TO postgres; DROP OWNED BY \(role)")
      try scene.execute("DROP ROLE \(role)")
    }
  }

  @Test func `a run under way is a note`() async throws {
    try await RunScene.with { scene in
      let holder = try scene.database.connect()
      try holder.execute(
        """
        SET application_name = 'convoy lock nightly'; BEGIN;
        SELECT pg_advisory_xact_lock(hashtext('convoy.run'), hashtext('nightly'))
        """)
      let answer = try await scene.doctor()
      #expect(answer.status == 0)
      let runs = answer.checks.first { $0.name == "runs" }
      #expect(runs?.state == "note")
      #expect(runs?.found.hasPrefix("under way: nightly from this machine since ") == true)
      try holder.execute("ROLLBACK")
    }
  }

  @Test func `the target comes from the pipeline, and --target wins`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "p.yaml", "source: {format: threads}\nload: {target: 'postgresql://u@127.0.0.1:1/x'}\n")
      let ended = try await scene.convoy(["doctor", "p.yaml"])
      #expect(ended.status == 69)
      #expect(ended.output.hasPrefix("refused  reachable  "))
      #expect(
        try await scene.convoy(["doctor", "p.yaml", "--target", scene.database.url]).status == 0)
      try scene.directory.write("bad.yaml", "source: {format: none}\n")
      #expect(try await scene.convoy(["doctor", "bad.yaml"]).status == 78)
    }
  }

  @Test(arguments: [[], ["--dry-run"]])
  func `a run is refused before anything is written, for the same reasons`(options: [String])
    async throws
  {
    try await RunScene.with { scene in
      let role = "r_\(scene.database.name)"
      try scene.execute(
        """
        CREATE ROLE \(role) LOGIN; GRANT ALL ON DATABASE \(scene.database.name) TO \(role);
        GRANT ALL ON exai_sessions, exai_messages TO \(role);
        ALTER TABLE exai_sessions DISABLE ROW LEVEL SECURITY;
        ALTER TABLE exai_messages ENABLE ROW LEVEL SECURITY
        """)
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      let run = try await scene.run("threads", ["t.jsonl"], options: ["--target", url] + options)
      #expect(run.status == 1)
      #expect(
        run.errors.contains(
          "convoy run: row-level security on exai_messages binds role \(role), "
            + "and the server refuses COPY under it\nhint: connect as a role that is not bound: "),
        "\(run.errors)")
      #expect(try scene.value("SELECT to_regnamespace('convoy') IS NULL") == "t")
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "0")
      // Free of it, what is left is files: a warning, one line, and the run goes on.
      try scene.execute("ALTER TABLE exai_messages DISABLE ROW LEVEL SECURITY")
      let warned = try await scene.run(
        "threads", ["t.jsonl"], options: ["--target", url] + options)
      try warned.expect()
      let lines = warned.errors.split(separator: "\n").filter { $0.contains(" warning ") }
      #expect(lines.count == 1, "\(warned.errors)")
      #expect(
        lines.first?.contains("row-security: row-level security on files binds role \(role); ")
          == true)
      try scene.execute("REASSIGN OWNED BY \(role) TO postgres; DROP OWNED BY \(role)")
      try scene.execute("DROP ROLE \(role)")
    }
  }

  @Test func `a run does not wait for ever for a table while it prepares`() async throws {
    try await RunScene.with { scene in
      let holder = try scene.database.connect()
      try holder.execute("BEGIN; LOCK TABLE exai_messages")
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      let run = try await scene.run("threads", ["t.jsonl"], options: ["--dry-run"])
      #expect(run.status == 1)
      #expect(run.errors.contains("(SQLSTATE 55P03)"), "\(run.errors)")
      try holder.execute("ROLLBACK")
    }
  }
}
