internal import Archive
internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// What `convoy doctor` says of a pipeline that exports.
@Suite struct ExportDoctorTests {
  /// Gives the only archive the name of one that was begun some hours ago.
  private static func age(_ scene: RunScene, hours: Int) throws {
    let name = try #require(try scene.root.names().first)
    let earlier = ExportRun.name(of: Date.now.addingTimeInterval(-3600 * Double(hours)))
    try FileManager.default.moveItem(
      atPath: scene.root.path(of: name), toPath: scene.root.path(of: earlier))
  }

  @Test func `an export as it should be is all ok`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "every: 24h")
      _ = try await scene.exported()
      let answer = try await scene.doctor("export.yaml")
      #expect(answer.status == 0)
      #expect(
        answer.checks.map(\.name) == [
          "reachable", "pooler", "tls", "version", "role", "timeouts", "size", "runs", "tables",
          "newest", "last-run", "manifests", "verified", "unfinished", "room",
        ])
      #expect(answer.checks.allSatisfy { $0.state == "ok" && $0.advice == nil })
      #expect(try answer.check("tables").found.hasPrefix("1 table of "))
    }
  }

  @Test(arguments: [(26, "ok", Int32(0)), (28, "failed", 1), (80, "failed", 1)])
  func `a night without an archive is found by the age of the newest`(
    hours: Int, state: String, expected: Int32
  ) async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "every: 24h")
      _ = try await scene.exported()
      try Self.age(scene, hours: hours)
      let answer = try await scene.doctor("export.yaml")
      #expect(answer.status == expected)
      let newest = try answer.check("newest")
      #expect(newest.state == state)
      #expect(newest.found.contains(", \(hours) h "))
      #expect((newest.advice?.contains("convoy run export.yaml") == true) == (state == "failed"))
      // Without an interval nothing is late.
      try scene.writeExport(["t"])
      #expect(try await scene.doctor("export.yaml").status == 0)
    }
  }

  @Test func `that there is none at all is found too, and another pipeline's does not count`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"])
      _ = try await scene.exported()
      try scene.writeExport(["t"], yaml: "every: 1d")
      let text = String(decoding: try scene.directory.read("export.yaml"), as: UTF8.self)
      try scene.directory.write("export.yaml", text.replacing("nightly", with: "other"))
      let answer = try await scene.doctor("export.yaml")
      #expect(answer.status == 1)
      let newest = try answer.check("newest")
      #expect(newest.state == "failed")
      #expect(newest.found == "archives has no archive of other")
      #expect(newest.advice == "convoy run export.yaml")
      #expect(try answer.check("last-run").state == "note")
    }
  }

  @Test func `a failed run is told with its reason until one succeeds`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t", "gone"])
      #expect(try await scene.export().status == 1)
      let answer = try await scene.doctor("export.yaml")
      #expect(answer.status == 1)
      let last = try answer.check("last-run")
      #expect(last.state == "failed")
      #expect(last.found.hasSuffix(": there is no table gone"))
      let tables = try answer.check("tables")
      #expect(tables.state == "refused")
      #expect(tables.found == "there is no table gone")
      try scene.writeExport(["t"])
      _ = try await scene.exported()
      #expect(try await scene.doctor("export.yaml").status == 0)
    }
  }

  @Test func `what a killed run left is a warning, and a note while a run is under way`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"])
      _ = try await scene.exported()
      try scene.directory.write("archives/.convoy-1.tmp/t-00000.jsonl.gz", "half")
      let answer = try await scene.doctor("export.yaml")
      #expect(answer.status == 0)
      #expect(try answer.check("unfinished").state == "warning")
      #expect(
        try answer.check("unfinished").found == "archives/.convoy-1.tmp: of a run that was killed")
      let lock = try RunLock(
        try ConnectionTarget(scene.database.url), pipeline: "nightly")
      #expect(try await scene.doctor("export.yaml").check("unfinished").state == "note")
      try lock.release()
      _ = try await scene.exported()
      #expect(try await scene.doctor("export.yaml").check("unfinished").state == "ok")
    }
  }

  @Test func `archives are looked at also when the database cannot be reached`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "every: 1h\nverify: none")
      let archive = try await scene.exported()
      try Self.age(scene, hours: 5)
      let answer = try await scene.doctor("export.yaml", target: "postgresql://u@127.0.0.1:1/x")
      #expect(answer.status == 69)
      #expect(try answer.check("reachable").state == "refused")
      #expect(try answer.check("newest").state == "failed")
      let verified = try answer.check("verified")
      #expect(verified.state == "warning")
      #expect(verified.advice?.hasPrefix("convoy archive verify archives/") == true)
      #expect(!archive.manifest.tables.isEmpty)
    }
  }

  @Test func `a table the role may not read, and a program that is missing, are told`()
    async throws
  {
    try await RunScene.with { scene in
      let role = "r\(UInt32.random(in: 0 ... .max))"
      try scene.execute("CREATE TABLE t (a int); CREATE ROLE \(role) LOGIN")
      try scene.writeExport(["t"], yaml: "encrypt: {age: [age1nobody]}")
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      let script = #"program=$(command -v "$1"); shift; PATH=/nonexistent exec "$program" "$@""#
      let answer = try await scene.doctor(
        "export.yaml", target: url, through: ["sh", "-c", script, "sh"])
      #expect(answer.status == 1)
      #expect(try answer.check("tables").state == "refused")
      #expect(try answer.check("tables").advice?.contains("SELECT") == true)
      #expect(try answer.check("encryption").found.contains("there is no program age"))
      try scene.execute("DROP ROLE \(role)")
    }
  }
}
