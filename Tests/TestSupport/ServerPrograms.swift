internal import Foundation
internal import Pipeline
internal import Subprocess

/// Programs run as the user who runs the tests' servers: PostgreSQL and PgBouncer refuse to be root.
struct ServerPrograms: Sendable {
  /// User and group when the tests run as root; nil when they need no other.
  private let user: (userID: UInt32, groupID: UInt32)?
  /// Where the programs of the PostgreSQL server under test are.
  let directory: String

  /// Finds them.
  ///
  /// - Parameter directory: where those of another installation than the one under test are; nil for that one.
  /// - Throws: ``TestFailure`` where there are none.
  init(in directory: String? = nil) async throws {
    if let directory {
      self.directory = directory
      user = try Self.unprivileged()
      return
    }
    var environment = ProcessInfo.processInfo.environment
    environment["CONVOY_HOME"] = "/nonexistent"
    let psql = try await LocalCluster(environment: environment).psql()
    self.directory = (psql as NSString).deletingLastPathComponent
    user = try Self.unprivileged()
  }

  private static func unprivileged() throws -> (userID: UInt32, groupID: UInt32)? {
    guard geteuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] {
      if let entry = unsafe getpwnam(name) {
        return unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
      }
    }
    throw TestFailure("there is neither a user postgres nor nobody")
  }

  /// Makes a directory that only the server's user may enter.
  func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    if let user, unsafe chown(path, user.userID, user.groupID) != 0 {
      throw TestFailure("\(path): errno \(errno)")
    }
  }

  /// Runs a program to its end in a directory the server's user may enter.
  ///
  /// - Throws: ``TestFailure`` with what it said, when it fails.
  func run(_ name: String, _ arguments: [String], in place: String) async throws {
    let dropping = user.map {
      ["setpriv", "--reuid", "\($0.userID)", "--regid", "\($0.groupID)", "--clear-groups"]
    }
    let inherited = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    var options = PlatformOptions()
    // A server must outlive an interrupt typed at the terminal it was started from.
    options.createSession = true
    let result = try await Subprocess.run(
      .name("env"),
      arguments: Arguments((dropping ?? []) + ["env", "-C", place, name] + arguments),
      environment: .custom(["PATH": "\(directory):\(inherited):/usr/sbin", "LC_ALL": "C.UTF-8"]),
      platformOptions: options, output: .string(limit: 1 << 20), error: .combinedWithOutput)
    guard result.terminationStatus.isSuccess else {
      throw TestFailure("\(name) \(arguments) failed: \(result.standardOutput)")
    }
  }
}
