internal import CFileSystem
internal import Glibc

/// Bringing all of a file system to disk at once.
///
/// Each wait for one file has the disk empty its cache, twice for an object: once for its bytes, once for its name. One
/// wait for the whole file system does for all objects that are stored together, and for what others wrote there too.
extension StoreDirectory {
  /// Whether ``syncWhole()`` promises all that waiting for each file does.
  ///
  /// So it does on Linux since 5.8, where it tells of bytes that could not be written (commit 735e4ae5ba28, "vfs: track
  /// per-sb writeback errors and report them to syncfs"), and on file systems of the kernel's own on a disk: one that is
  /// a program's is not told to bring what it was given to its disk.
  func syncsWhole() -> Bool {
    guard Self.tellsErrors else { return false }
    var facts = statfs()
    guard unsafe fstatfs(descriptor, &facts) == 0 else { return false }
    return Self.kinds.contains(UInt32(truncatingIfNeeded: facts.f_type))
  }

  /// Forces everything to disk that was written to the directory's file system, names too.
  ///
  /// - Throws: ``ObjectStoreError``, for any file of it that was written since the directory was opened.
  func syncWhole() throws(ObjectStoreError) {
    guard syncfs(descriptor) == 0 else { throw failure(errno) }
  }

  /// Those of linux/magic.h: ext2 to ext4, XFS, Btrfs.
  private static let kinds: Set<UInt32> = [0xEF53, 0x5846_5342, 0x9123_683E]

  private static let tellsErrors: Bool = {
    var names = utsname()
    guard unsafe uname(&names) == 0 else { return false }
    let release = unsafe withUnsafeBytes(of: &names.release) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 8)
  }()
}
