#if canImport(Glibc)
  internal import Glibc
#endif

/// An exclusive lock between processes, held for the length of `body` or until the process ends.
///
/// - Parameters:
///   - path: the file that stands for the lock; made when missing, never removed, since a lock on a
///     removed file would exclude nobody.
///   - owner: user and group the file is given to when the caller is root.
///   - body: what is done under the lock.
/// - Returns: what `body` returns.
/// - Throws: ``RunError`` when the file cannot be opened or locked; else what `body` throws.
func withFileLock<Result>(
  _ path: String, owner: (userID: UInt32, groupID: UInt32), _ body: () async throws -> Result
) async throws -> Result {
  let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
  guard descriptor >= 0 else {
    throw RunError(.fileAccess, "\(path): \(unsafe String(cString: strerror(errno)))")
  }
  defer { close(descriptor) }
  if geteuid() == 0 { _ = fchown(descriptor, owner.userID, owner.groupID) }
  while flock(descriptor, LOCK_EX) != 0 {
    guard errno == EINTR else {
      throw RunError(.fileAccess, "\(path): \(unsafe String(cString: strerror(errno)))")
    }
  }
  return try await body()
}
