internal import Foundation
internal import Glibc
internal import Synchronization

/// An open file, or a content in memory, whose chunks are read as often as they are to be sent, and checked as they
/// are read.
///
/// The last chunk is given away only if everything up to its end is what the upload says: a server that never
/// gets it has no object.
final class SourceFile: Sendable {
  /// -1 of what is in memory.
  private let descriptor: CInt
  private let upload: ObjectUpload
  private let progress: Mutex<Progress>

  private var path: String { upload.path }

  /// The check up to where the chunk read last begins, and up to where it ends: it may be asked for again.
  private struct Progress {
    var start: (offset: Int, check: ContentCheck)
    var end: (offset: Int, check: ContentCheck)
  }

  /// Opens the file of an upload.
  /// - Throws: ``ObjectStoreError``; another file, or another state of it, is `sourceChanged`.
  init(_ upload: ObjectUpload) throws(ObjectStoreError) {
    self.upload = upload
    let beginning = (offset: 0, check: ContentCheck(of: upload))
    progress = Mutex(Progress(start: beginning, end: beginning))
    descriptor = upload.content == nil ? try openForReading(upload.path) : -1
    // A failing initializer of a class runs deinit once all properties are there.
    try expectUnchanged()
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Checks that the file is in the state it was hashed in.
  func expectUnchanged() throws(ObjectStoreError) {
    guard upload.content == nil else { return }
    guard try FileIdentity(descriptor: descriptor, path: path) == upload.identity else {
      throw ObjectStoreError(.sourceChanged, key: path, place: "")
    }
  }

  /// Reads a chunk, and verifies all of the file before it gives away the last one.
  /// - Throws: ``ObjectStoreError``; other content than the upload's is `sourceChanged`.
  func chunk(_ range: Range<Int>) throws(ObjectStoreError) -> Data {
    let data = try bytes(range)
    var check = try check(upTo: range.lowerBound)
    unsafe data.withUnsafeBytes { unsafe check.update($0) }
    try end(at: range.upperBound, check)
    return data
  }

  /// The check of what is before a chunk, which may be the one after the last, or the last once more.
  func check(upTo offset: Int) throws(ObjectStoreError) -> ContentCheck {
    try progress.withLock { progress throws(ObjectStoreError) in
      if offset == progress.end.offset {
        progress.start = progress.end
      } else if offset != progress.start.offset {
        try skip(to: offset, &progress)
      }
      return progress.start.check
    }
  }

  /// Keeps the check up to a chunk's end, and at the end of the file settles it.
  /// - Throws: ``ObjectStoreError``; other content than the upload's is `sourceChanged`.
  func end(at offset: Int, _ check: ContentCheck) throws(ObjectStoreError) {
    progress.withLock { $0.end = (offset, check) }
    guard offset == upload.size else { return }
    try expectUnchanged()
    guard check.holds(for: upload) else {
      throw ObjectStoreError(.sourceChanged, key: path, place: "")
    }
  }

  /// Checks what an earlier run has sent.
  private func skip(to offset: Int, _ progress: inout Progress) throws(ObjectStoreError) {
    if offset < progress.start.offset { progress.start = (0, ContentCheck(of: upload)) }
    while progress.start.offset < offset {
      let piece = progress.start.offset..<min(progress.start.offset + (1 << 20), offset)
      let data = try bytes(piece)
      unsafe data.withUnsafeBytes { unsafe progress.start.check.update($0) }
      progress.start.offset = piece.upperBound
    }
  }

  private func bytes(_ range: Range<Int>) throws(ObjectStoreError) -> Data {
    var data = Data(count: range.count)
    // The closure of Data can throw no error of one type.
    let result = unsafe data.withUnsafeMutableBytes { target in
      Result { () throws(ObjectStoreError) in
        try unsafe read(into: target, at: range.lowerBound)
      }
    }
    try result.get()
    return data
  }

  /// Reads as many bytes as the target has room for, all of which the file must have.
  /// - Throws: ``ObjectStoreError``; a file that ends early is `sourceChanged`.
  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ObjectStoreError) {
    if let content = upload.content {
      unsafe target.copyBytes(from: content[offset..<offset + target.count])
      return
    }
    var received = 0
    while received < target.count {
      let start = unsafe target.baseAddress?.advanced(by: received)
      let count = unsafe pread(
        descriptor, start, target.count - received, off_t(offset + received))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw ObjectStoreError(.file(errno: errno), key: path, place: "")
      }
      guard count > 0 else { throw ObjectStoreError(.sourceChanged, key: path, place: "") }
      received += count
    }
  }
}

extension FileIdentity {
  /// The state of an open regular file.
  init(descriptor: CInt, path: String) throws(ObjectStoreError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw ObjectStoreError(.file(errno: errno), key: path, place: "")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw ObjectStoreError(.file(errno: isDirectory ? EISDIR : ENOTSUP), key: path, place: "")
    }
    self.init(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
      modificationTimeNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000
        + Int64(status.st_mtim.tv_nsec))
  }

  /// The state of the regular file at a path, links followed.
  /// - Throws: ``ObjectStoreError`` with ``ObjectStoreError/Reason/file(errno:)``.
  public init(path: String) throws(ObjectStoreError) {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }
}

/// Opens without waiting for the writer of a FIFO, which is refused afterwards.
private func openForReading(_ path: String) throws(ObjectStoreError) -> CInt {
  // A C string ends at its first NUL: another file than the one asked for would be opened.
  guard !path.utf8.contains(0) else {
    throw ObjectStoreError(.file(errno: EINVAL), key: path, place: "")
  }
  var descriptor: CInt
  repeat {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
  } while descriptor < 0 && errno == EINTR
  guard descriptor >= 0 else { throw ObjectStoreError(.file(errno: errno), key: path, place: "") }
  return descriptor
}
