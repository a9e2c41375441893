internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct FileScanTests {
  /// What a scan meets, a line each, with the paths relative to the directory.
  private func met(
    _ roots: [String], in directory: TemporaryDirectory, rules: ScanRules = .everything
  ) -> [String] {
    var scan = FileScan(roots.map { RawPath("\(directory.path)/\($0)") }, rules: rules)
    var lines: [String] = []
    while let task = scan.next() {
      let path = task.path.text.replacing("\(directory.path)/", with: "")
      switch task.action {
      case .readFound: lines.append(path)
      case .readNamed: lines.append("named \(path)")
      case .readStandardInput: lines.append("standard input")
      case .settled(.skipped(let reason)): lines.append("\(path): \(reason.rawValue)")
      case .settled(.unreadable(let error)): lines.append("\(path): errno \(error.errno)")
      case .settled: lines.append("\(path)?")
      }
    }
    return lines
  }

  @Test func `files come in the byte order of their paths`() async throws {
    try await TemporaryDirectory.with { directory in
      let names = ["t/a/b", "t/a-b", "t/a.b", "t/B", "t/a/a/a", "t/10", "t/9", "t/é", "t/.hidden"]
      for name in names { try directory.write(name, "") }
      let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      #expect(met(["t"], in: directory) == expected)
      #expect(met(["t/"], in: directory) == expected)
      #expect(met(["t/9", "t/a"], in: directory) == ["named t/9", "t/a/a/a", "t/a/b"])
    }
  }

  @Test func `links, FIFOs and sockets in a tree are told and not entered`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("t/file", "")
      try directory.write("outside/file", "")
      let links = ["t/loop": "..", "t/out": "../outside", "t/self": "self", "link": "t"]
      for (name, target) in links {
        try FileManager.default.createSymbolicLink(
          atPath: "\(directory.path)/\(name)", withDestinationPath: target)
      }
      #expect(unsafe mkfifo("\(directory.path)/t/fifo", 0o600) == 0)
      #expect(unsafe mknod("\(directory.path)/t/socket", S_IFSOCK | 0o600, 0) == 0)
      #expect(
        met(["t"], in: directory) == [
          "t/fifo: FIFO", "t/file", "t/loop: symbolic link", "t/out: symbolic link",
          "t/self: symbolic link", "t/socket: socket",
        ])
      // Given outright, a link to a directory is that directory.
      #expect(met(["link"], in: directory).contains("link/file"))
      #expect(met(["t/self"], in: directory) == ["t/self: errno \(ELOOP)"])
    }
  }

  @Test func `a path that leads nowhere is told, the next ones are scanned`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("file", "")
      #expect(
        met(["gone", "file/x", "file"], in: directory)
          == ["gone: errno \(ENOENT)", "file/x: errno \(ENOTDIR)", "named file"])
    }
  }

  @Test func `a tree of a thousand levels is scanned as far as paths reach`() async throws {
    try await TemporaryDirectory.with { directory in
      let deep = Array(repeating: "d", count: 1_000).joined(separator: "/")
      try directory.write("\(deep)/file", "")
      #expect(met(["d"], in: directory) == ["\(deep)/file"])
    }
  }

  @Test func `an upload leaves out secrets, version control and caches, and says so`() async throws
  {
    try await TemporaryDirectory.with { directory in
      let excluded = [
        "t/.ENV", "t/.env", "t/.env.local", "t/.envrc", "t/deploy.PEM", "t/id_ed25519",
        "t/site.key", "t/.netrc",
      ]
      let kept = ["t/environment.md", "t/keys.txt", "t/pem", "t/x.gitignore", "t/id_rsa.pub"]
      let directories = ["t/.git", "t/node_modules", "t/sub/__pycache__", "t/.ssh"]
      for name in excluded + kept { try directory.write(name, "") }
      for name in directories { try directory.write("\(name)/file", "") }
      let lines = met(["t"], in: directory, rules: .uploads([]))
      #expect(lines.filter { !$0.contains(":") } == kept.sorted())
      #expect(
        Set(lines.filter { $0.contains(":") })
          == Set((excluded + directories.map { "\($0)/" }).map { "\($0): excluded name" }))
      // A path given outright is meant.
      #expect(met(["t/.env"], in: directory, rules: .uploads([])) == ["named t/.env"])
      #expect(met(["t"], in: directory).count == excluded.count + kept.count + directories.count)
    }
  }
}
