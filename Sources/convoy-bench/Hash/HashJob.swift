internal import Foundation

/// What is hashed in one comparison, and how the tools are told to.
struct HashJob {
  let kind: Kind
  /// A file, or a directory with the files.
  let path: String

  enum Kind: String, Encodable, CaseIterable {
    case file, tree, small

    /// What it is, for people.
    var title: String {
      switch self {
      case .file: "one large file"
      case .tree: "a large file and small ones"
      case .small: "files of 1 KiB"
      }
    }

    /// The tools that are measured beside convoy.
    var peers: [HashTool] {
      switch self {
      case .file: [.openssl]
      case .tree: [.openssl, .rclone, .hashdeep]
      case .small: [.sha256sum]
      }
    }
  }

  /// The command line of a tool; in a shell where a user would need one.
  func command(_ tool: HashTool, convoy: String) -> [String] {
    switch (tool, kind) {
    case (.convoy, _): [convoy, "hash", "--no-cache", path]
    case (.openssl, .file): ["openssl", "dgst", "-sha256", path]
    case (.openssl, _): piped(into: "xargs -0 -P2 -n16 openssl dgst -sha256")
    case (.sha256sum, .file): ["sha256sum", path]
    case (.sha256sum, _): piped(into: "xargs -0 -P2 -n64 sha256sum")
    case (.rclone, _): ["rclone", "--config", "/dev/null", "hashsum", "sha256", path]
    case (.hashdeep, _): ["hashdeep", "-c", "sha256", "-r", path]
    }
  }

  private func piped(into command: String) -> [String] {
    ["bash", "-o", "pipefail", "-c", "find \"$0\" -type f -print0 | \(command)", path]
  }
}

/// A program that hashes files; `rawValue` is its command.
enum HashTool: String, Encodable, CaseIterable {
  case convoy, openssl, sha256sum, rclone, hashdeep

  var install: String {
    switch self {
    case .convoy: "swift build -c release"
    case .openssl, .rclone, .hashdeep: "apt-get install \(rawValue)"
    case .sha256sum: "apt-get install coreutils"
    }
  }

  /// Whether the program is in PATH.
  var isInstalled: Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains { directory in
      FileManager.default.isExecutableFile(atPath: "\(directory)/\(rawValue)")
    }
  }
}
