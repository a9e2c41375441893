internal import Postgres

/// What is found of a target before the first row goes there, each with what to do about it.
public struct Preflight: Sendable {
  /// One thing that was looked at.
  public struct Check: Sendable, Hashable {
    /// How it is.
    public enum State: String, Sendable, CaseIterable {
      /// As it should be.
      case ok
      /// Worth knowing; nothing has to be done.
      case note
      /// Works, and should be changed.
      case warning
      /// Keeps a run from working.
      case refused
      /// Should have happened and has not.
      case failed
    }

    /// Short name that stays the same from version to version.
    public let name: String
    /// How it is.
    public let state: State
    /// What was found, on one line; never a password.
    public let found: String
    /// What to do about it, on one line; nil where it is as it should be.
    public let advice: String?

    init(_ name: String, _ state: State, _ found: String, advice: String? = nil) {
      self.name = name
      self.state = state
      self.found = found
      self.advice = advice
    }

    /// The same of something else.
    func named(_ name: String) -> Check { Check(name, state, found, advice: advice) }
  }

  /// All checks, in the order they are told.
  public internal(set) var checks: [Check]

  init(_ checks: [Check]) { self.checks = checks }

  /// Looks at server, connection, role and tables; writes nothing and leaves nothing behind.
  ///
  /// - Parameters:
  ///   - connection: where to look; outside a transaction.
  ///   - target: how it was connected to, for the second connection that tells one pooler from another.
  ///   - inputBytes: size of what is to be loaded, where that is known.
  ///   - forFiles: whether rows go to `files` instead of sessions and messages.
  /// - Throws: `PostgresError` when the server cannot be asked.
  init(
    _ connection: borrowing PostgresConnection, target: ConnectionTarget, inputBytes: Int?,
    forFiles: Bool = false
  ) throws(PostgresError) {
    let pooler = try PoolerKind(connection, target)
    guard pooler != .statement else {
      checks = [Self.pooler(pooler)]
      return
    }
    let facts = try ServerFacts(connection)
    let peer = connection.peer
    checks = [
      Self.tls(peer, isServerEncrypted: facts.isTrue("backend_ssl"), pooler), Self.pooler(pooler),
      Self.version(facts),
      Self.encoding(facts), Self.writable(facts), Self.role(facts),
      Self.rowSecurity(facts, forFiles: forFiles),
      Self.privileges(facts, forFiles: forFiles), Self.timeouts(facts), Self.size(facts),
      Self.disk(facts, peer, inputBytes: inputBytes),
    ]
  }

  /// Whether the connection takes transactions, without which nothing else can be asked.
  var takesTransactions: Bool { checks.count > 1 }

  /// Whether anything keeps a run from working, or has not happened that should have.
  public var isRefused: Bool { checks.contains { $0.state == .refused || $0.state == .failed } }

  /// What should be changed, if nothing is refused.
  ///
  /// - Returns: the warnings.
  /// - Throws: ``RunError`` with everything that is refused, and what to do about it.
  func warnings() throws(RunError) -> [Check] {
    let refused = checks.filter { $0.state == .refused }
    guard refused.isEmpty else {
      throw RunError(
        .failed, refused.map(\.found).joined(separator: "\n"),
        hint: refused.compactMap(\.advice).joined(separator: "; "))
    }
    return checks.filter { $0.state == .warning }
  }
}
