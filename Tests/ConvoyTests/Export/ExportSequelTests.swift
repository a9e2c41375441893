internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct ExportSequelTests {
  private static func write(_ scene: RunScene, _ table: String) throws {
    let script =
      #"printf "%s|%s|%s|%s\n" "$1" "$CONVOY_OUTCOME" "$CONVOY_ARCHIVE" "$CONVOY_FAILURE" >> told"#
    try scene.writeExport(
      [table],
      yaml: """
        metricsFile: convoy.prom
        onSuccess: [sh, -c, '\(script)', sh, good]
        onFailure: [sh, -c, '\(script)', sh, bad]
        """)
  }

  @Test func `commands and figures tell of a success and of a failure`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 7)")
      try Self.write(scene, "t")
      let archive = try await scene.exported()
      func figures() throws -> String {
        String(decoding: try scene.directory.read("convoy.prom"), as: UTF8.self)
      }
      #expect(try figures().contains("\nconvoy_export_success{pipeline=\"nightly\"} 1\n"))
      #expect(try figures().contains("\nconvoy_export_rows{pipeline=\"nightly\"} 7\n"))
      try Self.write(scene, "nowhere")
      #expect(try await scene.export().status == 1)
      let told = String(decoding: try scene.directory.read("told"), as: UTF8.self)
      #expect(
        told == """
          good|done|archives/\(archive.name)|
          bad|failed||there is no table nowhere

          """)
      #expect(try figures().contains("\nconvoy_export_success{pipeline=\"nightly\"} 0\n"))
      // A failure takes nothing from what is known of the last success.
      let time = try #require(SpecTime.microseconds(archive.manifest.createdAt)) / 1_000_000
      #expect(
        try figures().contains(
          "convoy_export_last_success_timestamp_seconds{pipeline=\"nightly\"} \(time)\n"))
      #expect(try !figures().contains("convoy_export_rows"))
    }
  }

  @Test func `a command that cannot be run is a warning`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "onSuccess: [./nothing-of-that-name]")
      let ended = try await scene.export()
      #expect(ended.status == 0)
      #expect(ended.errors.contains("./nothing-of-that-name cannot be run"))
    }
  }
}
