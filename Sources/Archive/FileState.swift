/// What tells one state of a file from every other, as far as the file system knows.
///
/// A write changes both times, and the time of change cannot be set by anybody. Two writes within one tick
/// of the file system's clock leave the same state: see ``isSettled(at:)``.
public struct FileState: Hashable, Sendable {
  /// Device number of the file system.
  public var device: UInt64
  /// Inode number; with `device` it names the file whatever path leads to it.
  public var inode: UInt64
  /// Size in bytes.
  public var size: Int
  /// Time of the last write, in nanoseconds since 1970; programs can set it.
  public var modificationTimeNanoseconds: Int64
  /// Time of the last write or change of name, owner or mode, in nanoseconds since 1970.
  public var changeTimeNanoseconds: Int64

  /// Makes a state from recorded values.
  public init(
    device: UInt64, inode: UInt64, size: Int, modificationTimeNanoseconds: Int64,
    changeTimeNanoseconds: Int64
  ) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modificationTimeNanoseconds = modificationTimeNanoseconds
    self.changeTimeNanoseconds = changeTimeNanoseconds
  }

  init(_ status: FileStatus) {
    self.init(
      device: status.identity.device, inode: status.identity.inode, size: status.size,
      modificationTimeNanoseconds: status.modificationTimeNanoseconds,
      changeTimeNanoseconds: status.changeTimeNanoseconds)
  }

  /// Whether a write after `nanoseconds` since 1970 is sure to give another state.
  ///
  /// Two seconds are the coarsest clock of a file system in use, FAT's. A time in the future settles never.
  public func isSettled(at nanoseconds: Int64) -> Bool {
    let latest = max(modificationTimeNanoseconds, changeTimeNanoseconds)
    return latest <= nanoseconds - 2_000_000_000
  }
}
