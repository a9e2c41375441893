internal import Postgres

extension Preflight {
  static func reached(_ target: String) -> Check { Check("reachable", .ok, target) }

  /// What to do follows from the host's name: libpq gives no code for a connection it cannot make.
  static func unreachable(_ target: ConnectionTarget?, _ error: PostgresError) -> Check {
    func value(_ key: String) -> String {
      target?.resolved.first { $0.key == key }?.value ?? ""
    }
    let host = value("host")
    let advice =
      if host.hasPrefix("db."), host.hasSuffix(".supabase.co") {
        "this host has an IPv6 address only; from a network without IPv6 take the pooler's string"
      } else if host.hasSuffix(".pooler.supabase.com"), !value("user").contains(".") {
        "the pooler wants the user as postgres.PROJECT"
      } else {
        "look at host, port, user and password; convoy never tries a refused password again"
      }
    return Check("reachable", .refused, error.description, advice: advice)
  }

  /// `isServerEncrypted` is what the server says of its own end, which is the pooler's where there is one.
  static func tls(
    _ peer: ConnectionPeer, isServerEncrypted: Bool, _ pooler: PoolerKind
  ) -> Check {
    guard !peer.isSocket else { return Check("tls", .ok, "not needed on a Unix socket") }
    let rest =
      pooler != .direct && !isServerEncrypted ? "; none from the pooler to the server" : ""
    guard let version = peer.tlsVersion else {
      guard !peer.isThisMachine else {
        return Check("tls", .ok, "none, and not needed within this machine")
      }
      return Check(
        "tls", .warning, "none: rows and answers go to \(peer.host) in the clear",
        advice: "add sslmode=verify-full and sslrootcert=FILE, the server's CA, to the target")
    }
    guard peer.sslMode != "verify-full", !peer.isThisMachine else {
      return Check("tls", .ok, "\(version), sslmode=\(peer.sslMode)\(rest)")
    }
    return Check(
      "tls", .note,
      "\(version), sslmode=\(peer.sslMode): encrypted, and not checked who answers\(rest)",
      advice: "sslmode=verify-full with sslrootcert=FILE; Supabase's CA is on the project's page")
  }

  static func pooler(_ kind: PoolerKind) -> Check {
    switch kind {
    case .direct: Check("pooler", .ok, "none, a direct connection")
    case .session: Check("pooler", .ok, "one in session mode")
    case .transaction:
      Check(
        "pooler", .note, "one in transaction mode",
        advice:
          "works: nothing of convoy's outlives a transaction; direct or session mode is faster")
    case .statement:
      Check(
        "pooler", .refused, "the pooler is in statement mode, which has no transactions",
        advice: "connect directly, or by a pool in session or transaction mode")
    case .unknown:
      Check(
        "pooler", .warning, "one that gives no second connection",
        advice: "a run needs three at least; make the pool larger")
    }
  }
}
