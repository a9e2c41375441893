internal import Foundation
internal import Synchronization
internal import TestSupport

/// A role of the scratch server that has to give its password.
struct PasswordRole {
  let name: String
  static let password = TestPassword.plain

  /// The server's one file of rules is changed by one test at a time.
  private static let rules = Mutex(())

  /// Makes the role, and waits until the server asks it for the password.
  init(_ scene: RunScene, _ traits: String = "") throws {
    name = "asked_\(scene.database.name)"
    try scene.execute("CREATE ROLE \(name) LOGIN PASSWORD '\(Self.password)' \(traits)")
    let path = try scene.value("SHOW hba_file") ?? ""
    let loaded = "SELECT pg_conf_load_time()::text"
    let before = try scene.value(loaded)
    try Self.rules.withLock { _ in
      let rules = try String(contentsOfFile: path, encoding: .utf8)
      // Written in place, so that the file stays the server's own.
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try file.write(contentsOf: Data("local all \(name) scram-sha-256\n\(rules)".utf8))
      try file.close()
    }
    try scene.execute("SELECT pg_reload_conf()")
    while try scene.value(loaded) == before {}
  }

  /// The URL of a scene's database for this role.
  func url(_ scene: RunScene, password: String? = nil) -> String {
    let user = password.map { "\(name):\($0)" } ?? name
    return scene.database.url.replacing("//postgres@", with: "//\(user)@")
  }

  func drop(_ scene: RunScene) throws {
    try scene.execute("REASSIGN OWNED BY \(name) TO postgres; DROP OWNED BY \(name)")
    try scene.execute("DROP ROLE \(name)")
  }
}
