import Crypto
import Foundation
import Subprocess
import TestSupport

/// Python programs that know Storage or resumable uploads without us.
enum StoragePeer {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("StoragePeers")
    .path

  /// The Python that has the packages, where `Tests/install --servers` puts it.
  static func python() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    let list = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/requirements.txt"))
    let digest = SHA256.hash(data: list).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    let cache = geteuid() == 0 ? "/var/cache" : home
    let path = "\(cache)/convoy-tests/storage-peers-\(digest.joined().prefix(12))/bin/python"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw TestFailure("no \(path): run Tests/install --servers")
    }
    return path
  }
}
