internal import Glibc

/// An open directory of a local store; everything in it is reached through its descriptor.
///
/// No step follows a symbolic link, so that nothing outside the store can be read or written through one.
struct StoreDirectory: ~Copyable {
  private let descriptor: CInt
  /// What errors call the object this is about.
  private let key: String?
  private let place: String

  /// Opens the root of a store, which itself may be a link.
  init(root: String, key: String?) throws(ObjectStoreError) {
    let descriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ObjectStoreError(.file(errno: errno), key: key, place: root)
    }
    self.init(takingOwnershipOf: descriptor, key: key, place: root)
  }

  private init(takingOwnershipOf descriptor: CInt, key: String?, place: String) {
    self.descriptor = descriptor
    self.key = key
    self.place = place
  }

  deinit { close(descriptor) }

  /// Opens a directory in this one; nil if it is not there.
  func directory(_ name: Substring) throws(ObjectStoreError) -> StoreDirectory? {
    let child = unsafe openat(
      descriptor, String(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    if child < 0 && errno == ENOENT { return nil }
    guard child >= 0 else { throw failure(errno) }
    return StoreDirectory(takingOwnershipOf: child, key: key, place: place)
  }

  /// Opens a directory in this one, making it for its owner only if it is not there.
  ///
  /// A name that is new is on disk only once this directory is synced.
  func makeDirectory(_ name: Substring) throws(ObjectStoreError) -> StoreDirectory {
    guard unsafe mkdirat(descriptor, String(name), 0o700) == 0 || errno == EEXIST else {
      throw failure(errno)
    }
    guard let made = try directory(name) else { throw failure(ENOENT) }
    return made
  }

  /// Opens a regular file for reading; nil if it is not there.
  func file(_ name: String) throws(ObjectStoreError) -> StoreFile? {
    let file = unsafe openat(
      descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    if file < 0 && errno == ENOENT { return nil }
    guard file >= 0 else { throw failure(errno) }
    return StoreFile(takingOwnershipOf: file, key: key, place: place)
  }

  /// Makes a file for its owner only.
  func makeFile(_ name: String) throws(ObjectStoreError) -> StoreFile {
    let file = unsafe openat(
      descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure(errno) }
    return StoreFile(takingOwnershipOf: file, key: key, place: place)
  }

  /// Gives a file a second name, unless there is one already.
  /// - Returns: whether the name was free.
  func link(_ name: String, as other: String) throws(ObjectStoreError) -> Bool {
    if unsafe linkat(descriptor, name, descriptor, other, 0) == 0 { return true }
    guard errno == EEXIST else { throw failure(errno) }
    return false
  }

  /// Gives a file another name, in place of what had it.
  func rename(_ name: String, to other: String) throws(ObjectStoreError) {
    guard unsafe renameat(descriptor, name, descriptor, other) == 0 else { throw failure(errno) }
  }

  /// Removes a name.
  /// - Returns: whether it was there.
  @discardableResult
  func remove(_ name: String) throws(ObjectStoreError) -> Bool {
    if unsafe unlinkat(descriptor, name, 0) == 0 { return true }
    guard errno == ENOENT else { throw failure(errno) }
    return false
  }

  /// Forces names to disk.
  func sync() throws(ObjectStoreError) {
    // EINVAL: a file system without directory sync, which has nothing better to offer.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(errno) }
  }

  /// Names in the directory, directories with a slash behind, in byte order; what is neither a regular
  /// file nor a directory is left out, as is what the store makes for itself.
  func entries() throws(ObjectStoreError) -> [String] {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw failure(errno) }
    guard let stream = unsafe fdopendir(copy) else {
      let code = errno
      close(copy)
      throw failure(code)
    }
    defer { unsafe closedir(stream) }
    // The copy shares its place with the descriptor, which may have been read before.
    unsafe rewinddir(stream)
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
        unsafe Array(name.prefix { $0 != 0 })
      }
      // A name that is not UTF-8 cannot be a key.
      guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != "..",
        !name.hasPrefix(LocalObjectStore.ownPrefix)
      else { continue }
      var status = stat()
      guard unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFREG: names.append(name)
      case S_IFDIR: names.append(name + "/")
      default: break
      }
      errno = 0
    }
    guard errno == 0 else { throw failure(errno) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func failure(_ code: CInt) -> ObjectStoreError {
    StoreFile.failure(code, key: key, place: place)
  }
}

/// An open file of a local store.
struct StoreFile: ~Copyable {
  private let descriptor: CInt
  private let key: String?
  private let place: String

  init(takingOwnershipOf descriptor: CInt, key: String?, place: String) {
    self.descriptor = descriptor
    self.key = key
    self.place = place
  }

  deinit { close(descriptor) }

  /// What the file system says of it.
  /// - Throws: ``ObjectStoreError``; a directory or device is `invalidKey`.
  func identity() throws(ObjectStoreError) -> FileIdentity {
    do throws(ObjectStoreError) {
      return try FileIdentity(descriptor: descriptor, path: place)
    } catch {
      if case .file(let code) = error.reason { throw Self.failure(code, key: key, place: place) }
      throw error
    }
  }

  /// Writes all of the bytes behind what was written before.
  func write(_ bytes: Span<UInt8>) throws(ObjectStoreError) {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written...)
      let count = unsafe rest.withUnsafeBufferPointer { source in
        unsafe Glibc.write(descriptor, source.baseAddress, source.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(errno, key: key, place: place) }
      written += count
    }
  }

  /// Reads on from where the read before ended; empty at the end.
  func read(upTo count: Int) throws(ObjectStoreError) -> [UInt8] {
    var failure: CInt = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
      var received = 0
      repeat {
        received = unsafe Glibc.read(descriptor, target.baseAddress, count)
        failure = received < 0 ? errno : 0
      } while failure == EINTR
      initializedCount = max(0, received)
    }
    guard failure == 0 else { throw Self.failure(failure, key: key, place: place) }
    return bytes
  }

  /// Has the system begin to bring the bytes to disk, and does not wait for it.
  ///
  /// Linux does so where it is told that nobody will read them soon (mm/fadvise.c); one that does not does it all
  /// when it is waited for.
  func startWriting() { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) }

  /// Forces the bytes to disk.
  func sync() throws(ObjectStoreError) {
    guard fsync(descriptor) == 0 else { throw Self.failure(errno, key: key, place: place) }
  }

  /// A name the file system cannot give, or that a directory, link or file on the way to it has, is the key's
  /// fault.
  static func failure(_ code: CInt, key: String?, place: String) -> ObjectStoreError {
    switch code {
    case ENAMETOOLONG, EISDIR, ENOTDIR, ELOOP, ENOTSUP, ENXIO:
      ObjectStoreError(.invalidKey, key: key, place: place)
    default: ObjectStoreError(.file(errno: code), key: key, place: place)
    }
  }
}
