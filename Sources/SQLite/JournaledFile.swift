internal import Glibc

/// A copy of a database with its journals, in a directory of its own.
struct JournaledFile {
  /// What SQLite writes beside a database: the write-ahead log, and the rollback journal.
  private static let endings = ["-wal", "-journal"]
  private static let blockBytes = 1 << 20

  /// The copied database.
  let path: String
  private let directory: String

  /// Which journals of a database hold anything.
  static func journals(of path: String) throws(SQLiteError) -> [String] {
    var found: [String] = []
    for ending in endings {
      if let state = try FileFacts(path + ending, of: path), state.size > 0 { found.append(ending) }
    }
    return found
  }

  /// Copies a database and its journals.
  ///
  /// - Throws: ``SQLiteError``, also when one of them is written to meanwhile.
  static func copy(
    _ path: String, _ journals: [String], into scratchDirectory: String
  ) throws(SQLiteError) -> JournaledFile {
    var template = Array("\(scratchDirectory)/.convoy-XXXXXX".utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { name in
      guard let start = name.baseAddress else { return false }
      return unsafe mkdtemp(start) != nil
    }
    guard isMade else { throw fileError(path, "no copy in \(scratchDirectory)") }
    let directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let copy = JournaledFile(path: "\(directory)/copy.db", directory: directory)
    do throws(SQLiteError) {
      let endings = [""] + journals
      var before: [FileFacts?] = []
      for ending in endings { before.append(try FileFacts(path + ending, of: path)) }
      for ending in endings { try copyFile(path + ending, copy.path + ending, of: path) }
      for (ending, facts) in zip(endings, before)
      where try FileFacts(path + ending, of: path) != facts {
        throw SQLiteError(.changed, path: path, detail: "")
      }
    } catch {
      copy.remove()
      throw error
    }
    return copy
  }

  /// Removes the copy; who has it open still reads it.
  func remove() {
    // What is not there need not be removed, and what cannot be is in a directory for such things.
    for ending in ["", "-shm"] + Self.endings { unsafe unlink(path + ending) }
    unsafe rmdir(directory)
  }

  private static func copyFile(
    _ from: String, _ to: String, of path: String
  ) throws(SQLiteError) {
    let source = unsafe open(from, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw fileError(path, from) }
    defer { close(source) }
    let target = unsafe open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw fileError(path, to) }
    defer { close(target) }
    var buffer = [UInt8](repeating: 0, count: blockBytes)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { buffer in
        unsafe read(source, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 || errno == EINTR else { throw fileError(path, from) }
      if count == 0 { return }
      var written = 0
      while written < count {
        let step = unsafe buffer.withUnsafeBytes { buffer in
          unsafe write(target, buffer.baseAddress?.advanced(by: written), count - written)
        }
        guard step >= 0 || errno == EINTR else { throw fileError(path, to) }
        written += max(0, step)
      }
    }
  }

  fileprivate static func fileError(_ path: String, _ place: String) -> SQLiteError {
    let number = errno
    return unsafe SQLiteError(
      .file(errno: number), path: path, detail: "\(place): \(String(cString: strerror(number)))")
  }
}

/// What tells whether a file was written to.
private struct FileFacts: Equatable {
  let inode: UInt64
  let size: Int
  let seconds: Int
  let nanoseconds: Int

  /// Asks the system; nil where there is no such file.
  init?(_ file: String, of path: String) throws(SQLiteError) {
    var status = stat()
    guard unsafe stat(file, &status) == 0 else {
      guard errno == ENOENT else { throw JournaledFile.fileError(path, file) }
      return nil
    }
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
