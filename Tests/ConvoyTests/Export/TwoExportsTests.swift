internal import Archive
internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct TwoExportsTests {
  @Test func `of two at once the second ends with status 75, and the first as if it were alone`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 99)")
      try scene.writeExport(["t"])
      // Holds the first until the second has ended.
      let holder = try scene.database.connect()
      try holder.execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
      let first = try await scene.export { _ in
        let waiting = """
          SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'convoy export' AND wait_event_type = 'Lock')::int
          """
        while try scene.value(waiting) != "1" { try await Task.sleep(for: .milliseconds(5)) }
        let second = try await scene.export()
        #expect(second.status == 75)
        #expect(second.errors.contains("another run works in archives\nhint: wait for it"))
        // The same pipeline into another place meets the first one on the database.
        let elsewhere = try await scene.export(options: ["--set", "export.root=elsewhere"])
        #expect(elsewhere.status == 75)
        #expect(elsewhere.errors.contains("another run of nightly holds this target"))
        try holder.execute("ROLLBACK")
      }
      #expect(first.status == 0, "\(first.errors)")
      let names = try scene.root.names()
      try #require(names.count == 1)
      let archive = try ArchiveDirectory(path: scene.root.path(of: names[0]))
      #expect(archive.manifest.rows == 99)
      #expect(try await scene.damages(archive.path).isEmpty)
      #expect(try ArchiveRoot(path: "\(scene.directory.path)/elsewhere").names().isEmpty)
    }
  }
}
