#if canImport(Glibc)
  internal import Glibc
#endif

/// What the file system says about one path.
struct PathFacts: Sendable, Hashable {
  let device: UInt
  let inode: UInt
  let userID: UInt32
  let groupID: UInt32
  let mode: UInt32
  let sizeBytes: Int

  /// Asks about a path; nil when nothing is there or it may not be seen.
  init?(_ path: String, followingLink: Bool = true) {
    var facts = stat()
    let answer = unsafe followingLink ? stat(path, &facts) : lstat(path, &facts)
    guard answer == 0 else { return nil }
    device = UInt(facts.st_dev)
    inode = UInt(facts.st_ino)
    userID = facts.st_uid
    groupID = facts.st_gid
    mode = facts.st_mode
    sizeBytes = Int(facts.st_size)
  }

  var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

  func isSameFile(as other: PathFacts) -> Bool { device == other.device && inode == other.inode }

  /// Whether a user may pass through this directory, by its mode bits.
  func isPassable(by user: ServerUser) -> Bool {
    if userID == user.userID { return mode & 0o100 != 0 }
    return mode & (groupID == user.groupID ? 0o010 : 0o001) != 0
  }
}

/// Makes a directory only its owner may enter, or checks that an existing one is like that.
///
/// - Parameters:
///   - path: the directory; its parent exists.
///   - owner: who it belongs to.
/// - Throws: ``RunError`` when it cannot be made, or is another user's, or others may enter it.
func makePrivateDirectory(_ path: String, owner: ServerUser) throws(RunError) {
  if unsafe mkdir(path, 0o700) == 0 {
    if owner.needsSwitch { try giveAway(path, to: owner) }
    return
  }
  guard errno == EEXIST else {
    throw RunError(.fileAccess, "\(path): \(unsafe String(cString: strerror(errno)))")
  }
  let facts = PathFacts(path, followingLink: false)
  if let facts, facts.isDirectory, facts.userID == 0, owner.needsSwitch {
    // Root was interrupted between making it and giving it away.
    return try giveAway(path, to: owner)
  }
  guard let facts, facts.isDirectory, facts.userID == owner.userID, facts.mode & 0o077 == 0
  else {
    throw RunError(
      .fileAccess, "\(path) is not a directory of user \(owner.name) with mode 0700")
  }
}

/// Makes a path the server user's.
func giveAway(_ path: String, to owner: ServerUser) throws(RunError) {
  guard unsafe chown(path, owner.userID, owner.groupID) == 0 else {
    throw RunError(.fileAccess, "\(path): \(unsafe String(cString: strerror(errno)))")
  }
}

/// Makes the state directory with its parents: open to be passed through when root makes it.
func makeStateDirectory(_ path: String) throws(RunError) {
  guard PathFacts(path) == nil else { return }
  let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  if !parent.isEmpty { try makeStateDirectory(parent) }
  let mode: mode_t = geteuid() == 0 ? 0o755 : 0o700
  let isMade = unsafe mkdir(path, mode) == 0
  // A second process may have made it at the same time.
  if !isMade, errno == EEXIST { return }
  // The umask may have been stricter.
  guard isMade, unsafe chmod(path, mode) == 0 else {
    throw RunError(.fileAccess, "\(path): \(unsafe String(cString: strerror(errno)))")
  }
}

/// Finds the first directory on the way to a path that a user may not pass through.
func firstClosedDirectory(to path: String, for user: ServerUser) -> String? {
  var prefix = ""
  for part in path.split(separator: "/") {
    prefix += "/\(part)"
    if let facts = PathFacts(prefix), !facts.isPassable(by: user) { return prefix }
  }
  return nil
}
