internal import TestSupport

/// Statements a scene's database was sent, as the server's own log has them.
struct StatementLog {
  private let scene: RunScene
  /// Bytes of the log before this; all tests share it.
  private let start: String

  /// Has every statement of the database logged from here on.
  init(_ scene: RunScene) throws {
    self.scene = scene
    start = try scene.value("SELECT size FROM pg_stat_file(\(Self.file))") ?? "0"
    let prefix = "%m [%p] %d "
    try scene.execute("ALTER SYSTEM SET log_line_prefix = '\(prefix)'")
    try scene.execute("SELECT pg_reload_conf()")
    // The server reads its settings when it comes to it; connections made after that have them.
    while try scene.value("SHOW log_line_prefix") != prefix {}
    try scene.execute("ALTER DATABASE \(scene.database.name) SET log_statement = 'all'")
  }

  private static let file = "current_setting('data_directory') || '/../server.log'"

  /// Has no more statements logged.
  func stop() throws {
    try scene.execute("ALTER DATABASE \(scene.database.name) RESET log_statement")
  }

  /// Statements so far, or those that begin with some words.
  func count(_ words: String = "") throws -> Int {
    // This question is in the log as well; it matches itself only without words.
    let pattern = "\\] \(scene.database.name) LOG:  (statement|execute <unnamed>): ?\(words)"
    let found = try scene.value(
      """
      SELECT count(*) FROM regexp_matches(
        pg_read_file(\(Self.file), \(start), 1000000000), '\(pattern)', 'g')
      """)
    return Int(found ?? "") ?? 0
  }
}
