internal import Crypto
internal import Foundation

/// A directory, with an object under its key as a file, and notes of digests and media types in `.convoy`.
///
/// An object appears under its name only when all of it is on disk. Directories and files are for their
/// owner only. A key that leads through a symbolic link, or to a directory, cannot be used.
public struct LocalObjectStore: ObjectStore {
  /// What the names of the store's own files begin with; no segment of a key may.
  static let ownPrefix = ".convoy"
  static let pieceBytes = 1 << 20

  /// Path of the directory.
  public let place: String

  /// Names a directory; nothing is made yet.
  public init(path: String) { place = path }

  /// Makes the directory and those above it if they are missing.
  public func prepare() async throws(ObjectStoreError) -> StoreFacts {
    var isDirectory = ObjCBool(false)
    let isThere = unsafe FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory)
    if !isThere {
      do {
        try FileManager.default.createDirectory(
          atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        // Opening it says what is in the way.
      }
    }
    _ = try StoreDirectory(root: place, key: nil)
    return StoreFacts(sizeLimitBytes: nil, isNew: !isThere)
  }

  /// Looks whether the directory is there.
  public func inspect() async throws(ObjectStoreError) -> StoreFacts {
    guard FileManager.default.fileExists(atPath: place) else {
      return StoreFacts(sizeLimitBytes: nil, isNew: true)
    }
    _ = try StoreDirectory(root: place, key: nil)
    return StoreFacts(sizeLimitBytes: nil, isNew: false)
  }

  /// Copies a file into the directory.
  @discardableResult
  public func put(
    _ upload: ObjectUpload, resumption: UploadResumption = .none
  ) async throws(ObjectStoreError) -> PutOutcome {
    guard let outcome = await put([upload]).first else { return .unchanged }
    return try outcome.get()
  }

  func settle(_ upload: ObjectUpload) throws(ObjectStoreError) -> PutOutcome {
    guard let stored = try stored(upload.key) else {
      // Removed meanwhile.
      throw ObjectStoreError(.locked, key: upload.key.text, place: place)
    }
    guard stored.digest == upload.digest else {
      throw ObjectStoreError(.differs(stored), key: upload.key.text, place: place)
    }
    return .unchanged
  }

  /// Tells size, digest and media type; an object without a note that fits is read for its digest.
  public func info(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectInfo? {
    try stored(key)
  }

  private func stored(_ key: ObjectKey) throws(ObjectStoreError) -> ObjectInfo? {
    guard let file = try open(key) else { return nil }
    let identity = try file.identity()
    if let note = try note(of: key), note.isAbout(identity, key),
      let digest = ContentDigest(hex: note.sha256)
    {
      return ObjectInfo(
        key: key.text, size: identity.size, digest: digest, mediaType: note.mediaType)
    }
    let read = try read(file) { _ in }
    return ObjectInfo(key: key.text, size: read.size, digest: read.digest, mediaType: nil)
  }

  /// Reads an object in pieces of 1 MiB.
  public func read(
    _ key: ObjectKey, expecting expected: ContentDigest?,
    _ body: (borrowing Span<UInt8>) throws(ObjectStoreError) -> Void
  ) async throws(ObjectStoreError) -> ObjectInfo {
    guard let file = try open(key) else {
      throw ObjectStoreError(.objectMissing, key: key.text, place: place)
    }
    // Without looking at the time: whatever was done to the bytes, this is what they should be.
    let note = try note(of: key)
    let read = try read(file, body)
    guard (expected ?? note.flatMap { ContentDigest(hex: $0.sha256) } ?? read.digest) == read.digest
    else { throw ObjectStoreError(.damaged, key: key.text, place: place) }
    return ObjectInfo(
      key: key.text, size: read.size, digest: read.digest, mediaType: note?.mediaType)
  }

  private func read(
    _ file: borrowing StoreFile, _ body: (borrowing Span<UInt8>) throws(ObjectStoreError) -> Void
  ) throws(ObjectStoreError) -> (size: Int, digest: ContentDigest) {
    var hash = SHA256()
    var size = 0
    while true {
      let piece = try file.read(upTo: Self.pieceBytes)
      guard !piece.isEmpty else { return (size, ContentDigest(hash.finalize())) }
      hash.update(data: piece)
      size += piece.count
      try body(piece.span)
    }
  }

  /// Lists files below the directory, without reading any.
  public func list(
    prefix: String, after cursor: String?
  ) async throws(ObjectStoreError) -> ObjectPage {
    var listing = LocalListing(prefix: prefix, after: cursor)
    try listing.walk(try StoreDirectory(root: place, key: nil), path: "")
    return listing.page
  }

  /// Removes files and their notes; directories stay.
  public func remove(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> Int {
    var count = 0
    for key in keys {
      guard let directory = try directory(of: key) else { continue }
      if try directory.remove(String(key.segments.last ?? "")) { count += 1 }
      try directory.sync()
      let path = StoredNote.path(of: key)
      if let notes = try notes(path.directory) { try notes.remove(path.name) }
    }
    return count
  }
}

extension LocalObjectStore {
  func segments(_ key: ObjectKey) throws(ObjectStoreError) -> [Substring] {
    guard key.segments.allSatisfy({ !$0.hasPrefix(Self.ownPrefix) }) else {
      throw ObjectStoreError(.invalidKey, key: key.text, place: place)
    }
    return key.segments
  }

  private func directory(of key: ObjectKey) throws(ObjectStoreError) -> StoreDirectory? {
    var directory = try StoreDirectory(root: place, key: key.text)
    for segment in try segments(key).dropLast() {
      guard let next = try directory.directory(segment) else { return nil }
      directory = next
    }
    return directory
  }

  private func open(_ key: ObjectKey) throws(ObjectStoreError) -> StoreFile? {
    guard let directory = try directory(of: key) else { return nil }
    return try directory.file(String(key.segments.last ?? ""))
  }

  private func notes(_ name: Substring) throws(ObjectStoreError) -> StoreDirectory? {
    let root = try StoreDirectory(root: place, key: nil)
    guard let own = try root.directory(Self.ownPrefix[...]) else { return nil }
    return try own.directory(name)
  }

  private func note(of key: ObjectKey) throws(ObjectStoreError) -> StoredNote? {
    let path = StoredNote.path(of: key)
    guard let notes = try notes(path.directory), let file = try notes.file(path.name) else {
      return nil
    }
    return StoredNote(try file.read(upTo: 16 << 10))
  }
}
