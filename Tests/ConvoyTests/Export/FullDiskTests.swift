internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// File systems that have no room left.
@Suite struct FullDiskTests {
  /// Runs commands in a mount namespace of their own, where `archives` is a small file system; it goes with them.
  private static func onSmallDisk(
    _ scene: RunScene, _ script: String
  ) async throws -> ConvoyProcess.Outcome {
    try await scene.convoy(
      ["run", "export.yaml", "--target", scene.database.url],
      through: ["unshare", "--mount", "sh", "-c", script, "sh"])
  }

  /// Whether this machine lets the tests mount something; without the right to, no disk of theirs can be full.
  private static func mayMount(_ scene: RunScene) async throws -> Bool {
    let tried = try await CheckoutProgram.run(
      "unshare",
      ["--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", scene.directory.path])
    return tried.status == 0
  }

  @Test func `a disk that fills up midway leaves no archive, and the next run works`() async throws
  {
    try await RunScene.with { scene in
      // Half of it is left behind compression: more than the disk, and not more than what is first asked for.
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"])
      try scene.root.create()
      let ended: ConvoyProcess.Outcome
      if try await Self.mayMount(scene) {
        ended = try await Self.onSmallDisk(
          scene,
          """
          mount -t tmpfs -o size=1200k tmpfs archives || exit
          "$@"; status=$?
          ls -A archives > left
          mount -o remount,size=64m archives
          "$@" > second 2>&1; echo $? > status
          exit $status
          """)
        #expect(try scene.directory.read("status") == Array("0\n".utf8))
        #expect(try scene.directory.read("left") == Array(".lock\n".utf8))
      } else {
        // The same end of a write, made by a limit on the length of files.
        ended = try await scene.export(
          through: ["env", "--ignore-signal=XFSZ", "prlimit", "--fsize=1200000"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.root.path) == [".lock"])
        _ = try await scene.exported()
      }
      #expect(ended.status == 74, "\(ended.errors)")
      #expect(ended.errors.contains("noise-00000.jsonl.gz: cannot write"), "\(ended.errors)")
      #expect(ended.output.contains("no archive was made"))
    }
  }

  @Test func `an encrypted export meets a full disk the same way`() async throws {
    try await RunScene.with { scene in
      let key = "\(scene.directory.path)/key.txt"
      let made = try await CheckoutProgram.run("age-keygen", ["-o", key])
      try #require(made.status == 0, "\(made.output)")
      let recipient = try await CheckoutProgram.run("age-keygen", ["-y", key]).output
        .prefix { $0 != "\n" }
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "encrypt: {age: [\(recipient)]}")
      let ended = try await scene.export(
        through: ["env", "--ignore-signal=XFSZ", "prlimit", "--fsize=1200000"])
      #expect(ended.status == 74, "\(ended.errors)")
      #expect(ended.errors.contains("noise-00000.jsonl.gz.age: cannot write"), "\(ended.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: scene.root.path) == [".lock"])
    }
  }
}
