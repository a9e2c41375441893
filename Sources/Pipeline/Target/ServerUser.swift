#if canImport(Glibc)
  internal import Glibc
#endif

/// The account a local server runs as: PostgreSQL refuses to run as root.
struct ServerUser: Sendable, Hashable {
  let name: String
  let userID: UInt32
  let groupID: UInt32

  /// Who runs the server of a cluster.
  ///
  /// - Parameter dataOwner: owner of an existing data directory; the server must be the same user.
  /// - Returns: the caller, unless it is root; for root the owner, else `postgres`, else `nobody`.
  /// - Throws: ``RunError`` when root finds no account to use, or the data is somebody else's.
  static func choose(dataOwner: UInt32?) throws(RunError) -> ServerUser {
    let caller = geteuid()
    if caller != 0 {
      if let dataOwner, dataOwner != caller {
        throw RunError(
          .fileAccess,
          "the local database belongs to user \(named(dataOwner)?.name ?? String(dataOwner))",
          hint: "run as that user, as root, or with another CONVOY_HOME")
      }
      return named(caller) ?? ServerUser(name: "\(caller)", userID: caller, groupID: getegid())
    }
    if let dataOwner, dataOwner != 0 {
      return named(dataOwner)
        ?? ServerUser(name: "\(dataOwner)", userID: dataOwner, groupID: dataOwner)
    }
    guard let user = account("postgres") ?? account("nobody") else {
      throw RunError(
        .failed, "PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
    }
    return user
  }

  /// Whether programs must be started with this user's ids instead of the caller's.
  var needsSwitch: Bool { geteuid() != userID }

  private static func account(_ name: String) -> ServerUser? {
    guard let entry = unsafe getpwnam(name) else { return nil }
    return unsafe ServerUser(
      name: name, userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
  }

  private static func named(_ userID: UInt32) -> ServerUser? {
    guard let entry = unsafe getpwuid(userID) else { return nil }
    return unsafe ServerUser(
      name: String(cString: entry.pointee.pw_name), userID: userID, groupID: entry.pointee.pw_gid)
  }
}
