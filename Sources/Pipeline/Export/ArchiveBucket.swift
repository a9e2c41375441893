public import Archive
public import ObjectStore

/// The archives of one root in a bucket.
///
/// An archive is there once its manifest is, which is sent last. A part that is the same as an earlier night's is
/// not sent again: the manifest refers to the object of that night, which stays as long as a manifest does.
public struct ArchiveBucket: Sendable {
  /// Which.
  public let root: BucketRoot
  let store: any ObjectStore
  let uploads: Int
  private let spool = PartSpool()

  /// Names the archives of an opened store.
  ///
  /// - Parameters:
  ///   - root: which.
  ///   - store: the bucket.
  ///   - uploads: files sent at a time.
  public init(_ root: BucketRoot, _ store: any ObjectStore, uploads: Int) {
    self.root = root
    self.store = store
    self.uploads = uploads
  }

  /// Opens the bucket of a plan, to which nothing has been sent yet.
  ///
  /// - Throws: ``RunError`` where there is no key, or the address cannot be used.
  public init(_ root: BucketRoot, _ plan: StorePlan) async throws(RunError) {
    self.init(root, try await plan.open(), uploads: plan.uploads)
  }

  /// What is there: sizes in bytes by file, by night.
  func nights() async throws(RunError) -> [String: [String: Int]] {
    var nights: [String: [String: Int]] = [:]
    var cursor: String?
    repeat {
      let page: ObjectPage
      do throws(ObjectStoreError) {
        page = try await store.list(prefix: root.prefix, after: cursor)
      } catch {
        // A bucket that is not there has no archives.
        guard error.reason != .bucketMissing else { return [:] }
        throw RunError(store: error)
      }
      for object in page.objects {
        let path = object.key.dropFirst(root.prefix.count).split(separator: "/")
        guard path.count == 2, ArchiveRoot.isName(String(path[0])) else { continue }
        nights[String(path[0]), default: [:]][String(path[1])] = object.size
      }
      cursor = page.cursor
    } while cursor != nil
    return nights
  }

  /// Reads the manifest of every archive.
  ///
  /// - Returns: the archives that have one.
  /// - Throws: ``RunError`` when the bucket cannot be read; what one manifest has is a problem of the history.
  public func history() async throws(RunError) -> ArchiveHistory {
    try await history(try await nights())
  }

  /// Reads the manifest of every archive among the nights that are there.
  func history(_ nights: [String: [String: Int]]) async throws(RunError) -> ArchiveHistory {
    var history = ArchiveHistory()
    for (name, files) in nights.sorted(by: { $0.key < $1.key }) {
      guard files[ArchiveManifest.fileName] != nil else { continue }
      do throws(ArchiveError) {
        let archive = try await read(name)
        history.add(archive, isVerified: files[VerifiedMark.name] != nil)
      } catch {
        guard case .unreadable = error.reason else {
          history.add(error)
          continue
        }
        throw RunError(.unreachable, error.description)
      }
    }
    return history
  }

  /// Opens one archive.
  ///
  /// - Parameter name: its time.
  /// - Returns: the archive, whose parts are fetched as they are read.
  /// - Throws: ``RunError``, of kind `overBudget` where its manifest is damaged or missing.
  public func open(_ name: String) async throws(RunError) -> ArchiveDirectory {
    do throws(ArchiveError) {
      return try await read(name)
    } catch {
      throw switch error.reason {
      case .damaged, .missing: RunError(.overBudget, error.description)
      case .unreadable: RunError(.unreachable, error.description)
      case .unknownForm: RunError(.failed, error.description)
      }
    }
  }

  private func read(_ name: String) async throws(ArchiveError) -> ArchiveDirectory {
    let place = "\(root)/\(name)"
    var archive = try ArchiveDirectory(
      path: place, manifest: try await bytes(of: ArchiveManifest.fileName, in: name),
      digests: try await bytes(of: ArchiveDirectory.digestsName, in: name))
    let objects = archive.manifest.objects
    archive.access = ArchiveAccess(
      file: { part in try await file(of: part, in: name) },
      object: { object in try await file(of: object) },
      list: { try await list(objects, of: name) },
      mark: { isVerified in try await mark(name, isVerified) })
    return archive
  }

  /// A small file.
  private func bytes(of file: String, in name: String) async throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    do throws(ObjectStoreError) {
      _ = try await store.read(try key(file, in: name), expecting: nil) { piece in
        bytes.append(addingCapacity: piece.count) { $0.append(0..<piece.count, of: piece) }
      }
    } catch {
      let reason: ArchiveError.Reason =
        switch error.reason {
        case .objectMissing: .missing
        case .damaged: .damaged
        default: .unreadable(FileError(.read, path: "\(root)/\(name)/\(file): \(error)", errno: 5))
        }
      throw ArchiveError(reason, path: "\(root)/\(name)/\(file)")
    }
    return bytes
  }

  func key(_ file: String, in name: String) throws(ObjectStoreError) -> ObjectKey {
    try ObjectKey("\(root.prefix)\(name)/\(file)")
  }

  /// Fetches a part, whichever night's object it is.
  func file(of part: ArchivedPart, in name: String) async throws -> PartFile {
    try await file(part.reference ?? "\(name)/\(part.file)", part.stored)
  }

  /// Fetches an object that rows of `files` name.
  func file(of object: ArchivedObject) async throws -> PartFile {
    guard let reference = object.reference else {
      throw RunError(.overBudget, "\(root): \(object.bucket)/\(object.path) is in no night")
    }
    return try await file(reference, object.stored)
  }

  /// Fetches the list of an archive's objects.
  private func list(_ objects: ArchivedObjects?, of name: String) async throws -> PartFile {
    guard let objects else { throw RunError(.overBudget, "\(root)/\(name) has no objects") }
    return try await file("\(name)/\(ArchivedObjects.fileName)", objects.list)
  }

  private func file(_ path: String, _ stored: StoredForm) async throws -> PartFile {
    try await spool.file(path) {
      var copy = try ScratchFile(in: PartSpool.directory)
      var failure: FileError?
      do throws(ObjectStoreError) {
        _ = try await store.read(
          try ObjectKey(root.prefix + path), expecting: StoreDigest(hex: stored.sha256.hex)
        ) { bytes in
          guard failure == nil else { return }
          do throws(FileError) { try copy.append(bytes) } catch { failure = error }
        }
      } catch {
        switch error.reason {
        case .objectMissing: throw RunError(.overBudget, "\(root)/\(path): is not there")
        case .damaged:
          throw RunError(
            .overBudget, "\(root)/\(path): its bytes are not those that were written")
        default: throw RunError(store: error)
        }
      }
      if let failure { throw RunError(.fileAccess, failure.description) }
      return PartFile(copy)
    }
  }

  /// How an archive is reached that is not sent yet: its own files are in a directory.
  func access(before directory: String) -> ArchiveAccess {
    ArchiveAccess(
      file: { part in
        guard part.reference != nil else { return PartFile(path: "\(directory)/\(part.file)") }
        return try await file(of: part, in: "")
      },
      object: { object in try await file(of: object) },
      list: { PartFile(path: "\(directory)/\(ArchivedObjects.fileName)") },
      mark: { _ in })
  }

  private func mark(_ name: String, _ isVerified: Bool) async throws(RunError) {
    do throws(ObjectStoreError) {
      let key = try key(VerifiedMark.name, in: name)
      guard isVerified else {
        _ = try await store.remove([key])
        return
      }
      try await put(VerifiedMark.bytes(at: RunReport.timestamp()), as: key)
    } catch { throw RunError(store: error) }
  }

  /// Sends what is small enough to be in memory, in the place of what was there.
  private func put(_ bytes: [UInt8], as key: ObjectKey) async throws(ObjectStoreError) {
    let file = try Self.scratch(bytes)
    let upload = ObjectUpload(
      key: key, path: file.path, identity: try FileIdentity(path: file.path),
      digest: StoreDigest(of: bytes), mediaType: "application/json", replaces: true)
    _ = try await store.put(upload, resumption: .none)
    _ = consume file
  }

  private static func scratch(_ bytes: [UInt8]) throws(ObjectStoreError) -> ScratchFile {
    do throws(FileError) {
      var file = try ScratchFile(in: PartSpool.directory)
      try file.append(bytes.span)
      return file
    } catch {
      throw ObjectStoreError(.file(errno: error.errno), file: error.path)
    }
  }
}
