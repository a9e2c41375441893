internal import Postgres

extension Preflight {
  /// Looks at a target from outside: whether it can be reached, and if so, everything else.
  ///
  /// - Parameters:
  ///   - choice: the target; a local server is started.
  ///   - forFiles: whether rows go to `files` instead of sessions and messages.
  /// - Returns: the checks; of a target that cannot be reached, that one alone.
  /// - Throws: ``RunError`` when the local server cannot be started or the password command fails,
  ///   `PostgresError` when the server cannot be asked.
  public static func look(
    at choice: TargetChoice, forFiles: Bool = false
  ) async throws -> Preflight {
    let target = try await choice.connectionTarget(startingLocal: true)
    let connection: PostgresConnection
    do throws(PostgresError) {
      connection = try PostgresConnection(target, applicationName: "convoy doctor")
    } catch {
      guard error.reason == .connect else { throw error }
      return Preflight([unreachable(target, error)])
    }
    var preflight = Preflight([reached(choice.description)])
    let inside = try Preflight(connection, target: target, inputBytes: nil, forFiles: forFiles)
    preflight.add(inside.checks)
    guard inside.takesTransactions else { return preflight }
    preflight.add([try tables(connection)])
    preflight.add(try migrations(connection))
    preflight.add([try definitions(connection), try runs(connection)])
    return preflight
  }

  /// Whether the target, and a database that is read, could be connected to at all.
  public var isReachable: Bool {
    !checks.contains { ["reachable", "source"].contains($0.name) && $0.state == .refused }
  }
}
