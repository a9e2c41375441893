internal import Foundation
internal import Postgres
internal import TestSupport

/// Holds a run in its middle, however fast it is and however late a test comes to look: once some batches
/// are committed the next ones wait in the server.
struct BatchHold: ~Copyable {
  private let scene: RunScene
  private let limit: Int
  private let connection: PostgresConnection

  /// Lets a number of batches more than there are be committed, and holds those behind them.
  ///
  /// - Parameters:
  ///   - count: batches that still get through; those under way at that moment do as well.
  ///   - scene: whose `exai_sessions` a batch waits at, once it has sent its sessions.
  /// - Throws: what the server refuses.
  init(after count: Int, in scene: RunScene) throws {
    let connection = try scene.database.connect()
    let limit = try Self.committed(connection) + count
    // Not by waiting for a lock: that has a time limit in a load. A batch counts itself.
    try connection.execute(
      """
      SET client_min_messages = warning;
      CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        LOOP
          EXIT WHEN NOT EXISTS (
            SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = \(Self.key)
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()));
          EXIT WHEN (SELECT count(*) FROM convoy.batches) <= \(limit);
          PERFORM pg_sleep(0.005);
        END LOOP;
        RETURN NULL;
      END $$;
      CREATE OR REPLACE TRIGGER hold AFTER INSERT ON exai_sessions
        FOR EACH STATEMENT EXECUTE FUNCTION hold()
      """)
    try connection.execute(Self.lock)
    self.scene = scene
    self.limit = limit
    self.connection = connection
  }

  private static let key = 20_251_127
  private static let lock = "SELECT pg_advisory_lock(\(key))"

  private static func committed(_ connection: borrowing PostgresConnection) throws -> Int {
    let exists = "SELECT (to_regclass('convoy.batches') IS NOT NULL)::int"
    guard try connection.query(exists).first?.integer(0) == 1 else { return 0 }
    return try connection.query("SELECT count(*) FROM convoy.batches").first?.integer(0) ?? 0
  }

  /// Waits until the batches that get through are committed, or the run is over.
  func reached(by process: Int32) async throws {
    while try Self.committed(connection) < limit, try scene.isRunning(process) {
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  /// Holds batches again after a release.
  func begin() throws {
    try connection.execute(Self.lock)
  }

  /// Lets those that wait go on; a run whose process is gone is gone from the server soon after.
  func release() throws {
    try connection.execute("SELECT pg_advisory_unlock(\(Self.key))")
  }
}
