internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Archives encrypted by gpg, with a keyring of the test's own.
@Suite struct GnuPGTests {
  private static func gpg(_ scene: RunScene, _ home: String, _ arguments: [String]) async throws
    -> String
  {
    let ended = try await CheckoutProgram.run(
      "env",
      ["GNUPGHOME=\(scene.directory.path)/\(home)", "gpg", "--batch", "--quiet"] + arguments)
    try #require(ended.status == 0, "\(ended.output)")
    return ended.output
  }

  @Test func `the keyring decides what can be read`() async throws {
    try await RunScene.with { scene in
      let path = scene.directory.path
      for home in ["mine", "theirs"] {
        try FileManager.default.createDirectory(
          atPath: "\(path)/\(home)", withIntermediateDirectories: false,
          attributes: [.posixPermissions: 0o700])
      }
      _ = try await Self.gpg(
        scene, "theirs",
        ["--passphrase", "", "--quick-generate-key", "ada@example.org", "future-default"])
      let listed = try await Self.gpg(
        scene, "theirs", ["--with-colons", "--list-keys", "ada@example.org"])
      let fingerprint = try #require(
        listed.split(separator: "\n").first { $0.hasPrefix("fpr:") }?
          .split(separator: ":").last.map(String.init))
      _ = try await Self.gpg(
        scene, "theirs", ["--output", "\(path)/public.gpg", "--export", fingerprint])
      _ = try await Self.gpg(scene, "mine", ["--import", "\(path)/public.gpg"])

      try scene.makeNoise("noise", rows: 1500)
      try scene.writeExport(["noise"], yaml: "encrypt: {gpg: [\(fingerprint)]}\npartBytes: 1MiB")
      let mine = ["env", "GNUPGHOME=\(path)/mine"]
      let theirs = ["env", "GNUPGHOME=\(path)/theirs"]
      for _ in 0..<2 {
        let ended = try await scene.export(through: mine)
        #expect(ended.status == 0, "\(ended.errors)")
      }
      let names = try scene.root.names()
      try #require(names.count == 2)
      let archive = try ArchiveDirectory(path: scene.root.path(of: names[1]))
      let parts = archive.manifest.tables[0].parts
      #expect(parts.allSatisfy { $0.isLinked && $0.file.hasSuffix(".jsonl.gz.gpg") })

      let count = parts.count
      let relative = "archives/\(names[1])"
      let outside = try await scene.convoy(["archive", "verify", relative], through: mine)
      #expect(outside.output.hasPrefix("sound: \(count) of \(count) parts as encrypted; "))
      let inside = try await scene.convoy(["archive", "verify", relative], through: theirs)
      #expect(inside.output == "sound: \(count) of \(count) parts\n", "\(inside.errors)")
      let restore = [
        "archive", "restore", relative, "--target", scene.database.url, "--schema", "copy",
      ]
      let closed = try await scene.convoy(restore, through: mine)
      #expect(closed.status == 1)
      #expect(
        closed.errors.contains(
          "encrypted for \(fingerprint)\nhint: the keyring of gpg must have the secret key"))
      let restored = try await scene.convoy(restore, through: theirs)
      #expect(restored.output == "copy.noise: 1500 rows, the same as in the archive\n")
      for home in ["mine", "theirs"] {
        _ = try await CheckoutProgram.run(
          "env", ["GNUPGHOME=\(path)/\(home)", "gpgconf", "--kill", "all"])
      }
    }
  }
}
