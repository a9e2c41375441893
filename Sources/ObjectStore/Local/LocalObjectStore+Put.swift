internal import FoundationEssentials

/// Writing objects, some of them at a time.
///
/// The disk is waited for once for all of them: their bytes are on the way to it before the first is waited for, and a
/// journal that is written for one file holds the others too. Four waits an object take ten times as long. Notes are not
/// waited for: one that a power failure spoils is as good as none.
extension LocalObjectStore {
  /// As many as there may well be files open for: two each.
  public var objectsAtATime: Int { 128 }

  /// Copies files into the directory.
  ///
  /// Each appears under its name when its bytes are on disk; that its name is too is what this returns behind.
  public func put(_ uploads: [ObjectUpload]) async -> [Result<PutOutcome, ObjectStoreError>] {
    var ends: [Result<StagedObject, ObjectStoreError>] = []
    for upload in uploads {
      do throws(ObjectStoreError) {
        ends.append(.success(try StagedObject(upload, in: self)))
      } catch {
        ends.append(.failure(error))
      }
    }
    var outcomes: [Result<PutOutcome, ObjectStoreError>] = []
    for end in ends {
      do throws(ObjectStoreError) {
        outcomes.append(.success(try end.get().publish() ? .stored : .unchanged))
      } catch {
        outcomes.append(.failure(error))
      }
    }
    do throws(ObjectStoreError) {
      try syncNames(uploads.indices.filter { isStored(outcomes[$0]) }.map { uploads[$0].key })
    } catch {
      return outcomes.map { isStored($0) ? .failure(error) : $0 }
    }
    for index in outcomes.indices where isUnchanged(outcomes[index]) {
      do throws(ObjectStoreError) {
        outcomes[index] = .success(try settle(uploads[index]))
      } catch {
        outcomes[index] = .failure(error)
      }
    }
    return outcomes
  }

  private func isStored(_ outcome: Result<PutOutcome, ObjectStoreError>) -> Bool {
    if case .success(.stored) = outcome { true } else { false }
  }

  private func isUnchanged(_ outcome: Result<PutOutcome, ObjectStoreError>) -> Bool {
    if case .success(.unchanged) = outcome { true } else { false }
  }

  /// Forces to disk the names of objects, and of the directories they are in.
  private func syncNames(_ keys: [ObjectKey]) throws(ObjectStoreError) {
    var paths: Set<[Substring]> = []
    for key in keys {
      let path = Array(key.segments.dropLast())
      for count in 0...path.count { paths.insert(Array(path.prefix(count))) }
    }
    // A directory before the one it is in.
    for path in paths.sorted(by: { $0.count > $1.count }) { try directory(at: path)?.sync() }
  }

  /// Opens a directory below the store; nil where it was removed, and nobody wants anything of it kept.
  private func directory(at path: [Substring]) throws(ObjectStoreError) -> StoreDirectory? {
    var directory = try StoreDirectory(root: place, key: nil)
    for segment in path {
      guard let next = try directory.directory(segment) else { return nil }
      directory = next
    }
    return directory
  }
}

/// An object of a local store whose bytes are under a name of their own, until they are on disk.
///
/// Holds an open file and an open directory.
private final class StagedObject {
  private let upload: ObjectUpload
  private let root: String
  private let object: StagedFile

  /// Writes the bytes, and has the system begin to bring them to disk.
  init(_ upload: ObjectUpload, in store: LocalObjectStore) throws(ObjectStoreError) {
    self.upload = upload
    root = store.place
    let source = try SourceFile(upload)
    object = try StagedFile.make(
      in: store.place, Array(try store.segments(upload.key).dropLast()), upload.key,
      LocalObjectStore.ownPrefix + "-")
    if let content = upload.content {
      try object.file.write(content.span)
    } else {
      var offset = 0
      repeat {
        let end = min(offset + LocalObjectStore.pieceBytes, upload.size)
        let piece = try source.chunk(offset..<end)
        try object.file.write(piece.span)
        offset = end
      } while offset < upload.size
    }
    object.file.startWriting()
  }

  /// Waits for the bytes, and gives the object its name.
  ///
  /// - Returns: false where there is one of that name, which stays.
  func publish() throws(ObjectStoreError) -> Bool {
    try object.file.sync()
    let name = String(upload.key.segments.last ?? "")
    guard try object.publish(as: name, replaces: upload.replaces) else { return false }
    try keepNote()
    return true
  }

  private func keepNote() throws(ObjectStoreError) {
    let path = StoredNote.path(of: upload.key)
    let note = try StagedFile.make(
      in: root, [LocalObjectStore.ownPrefix[...], path.directory], upload.key, "")
    let text = try StoredNote(upload, stored: try object.file.identity()).encoded()
    try note.file.write(text.span)
    _ = try note.publish(as: path.name, replaces: true)
  }
}

/// A file under a name that nobody looks for, which is gone with the value unless it gets another.
private final class StagedFile {
  let file: StoreFile
  private let directory: StoreDirectory
  private let temporary: String
  private var isThere = true

  private init(
    _ file: consuming StoreFile, _ temporary: String, in directory: consuming StoreDirectory
  ) {
    self.file = file
    self.directory = directory
    self.temporary = temporary
  }

  static func make(
    in root: String, _ path: [Substring], _ key: ObjectKey, _ prefix: String
  ) throws(ObjectStoreError) -> StagedFile {
    var directory = try StoreDirectory(root: root, key: key.text)
    for segment in path { directory = try directory.makeDirectory(segment) }
    let temporary = "\(prefix)\(String(UInt64.random(in: 0...UInt64.max), radix: 16)).tmp"
    let file = try directory.makeFile(temporary)
    return StagedFile(file, temporary, in: directory)
  }

  deinit {
    // One that cannot be removed is passed over by everybody who looks for objects.
    if isThere { _ = try? directory.remove(temporary) }
  }

  /// Gives it a name for good; false where that is taken and not replaced.
  func publish(as name: String, replaces: Bool) throws(ObjectStoreError) -> Bool {
    guard replaces else { return try directory.link(temporary, as: name) }
    try directory.rename(temporary, to: name)
    isThere = false
    return true
  }
}
