internal import Archive
internal import ObjectStore
internal import Subprocess

/// Takes objects out of a store into the vault of a root, each content once, encrypted where the pipeline wants it.
///
/// The bytes of encryption differ each time, so a content that is to be encrypted is known by the lists of earlier
/// archives for the same recipients.
struct VaultIntake: Sendable {
  private let vault: ObjectVault
  private let encryption: PartEncryption?
  /// Where sealed bytes wait.
  private let scratch: String
  /// Encrypted files that earlier archives name, by what is in them.
  private let former: [StoredForm: StoredForm]
  /// Those that are made here.
  private let made = Guarded<[StoredForm: StoredForm]>([:])

  /// An object in the vault.
  struct Entry: Sendable {
    let content: StoredForm
    let encrypted: StoredForm?
    /// Whether it came just now.
    let isNew: Bool
  }

  /// Learns what is there.
  ///
  /// - Parameters:
  ///   - root: whose vault.
  ///   - encryption: for whom; nil for nobody.
  ///   - history: the archives of the root; of each pipeline's newest one for the same recipients, the list is read.
  ///   - warn: told of a list that cannot be read; what it names is then encrypted once more.
  init(
    _ root: ArchiveRoot, _ encryption: ArchiveEncryption?, _ history: ArchiveHistory,
    _ warn: (String) -> Void
  ) {
    vault = ObjectVault(root)
    scratch = root.path
    self.encryption = encryption.map { PartEncryption(encryption: $0) }
    var files: [StoredForm: StoredForm] = [:]
    if let encryption {
      let fitting = history.archives.filter {
        $0.manifest.encryption == encryption && $0.manifest.objects != nil
      }
      let newest = Dictionary(grouping: fitting, by: \.manifest.pipeline).values.compactMap(\.last)
      for archive in newest {
        do throws(ArchiveError) {
          for object in try ArchivedObject.list(of: archive) {
            files[object.content] = object.encrypted
          }
        } catch { warn("\(error); its objects are encrypted again") }
      }
    }
    former = files
  }

  /// Finds a content in the vault.
  ///
  /// - Returns: nil where it is not there.
  func entry(of content: StoredForm) throws(FileError) -> Entry? {
    guard encryption != nil else {
      return try vault.has(content) ? Entry(content: content, encrypted: nil, isNew: false) : nil
    }
    let own = made.current[content]
    if let own { return Entry(content: content, encrypted: own, isNew: false) }
    guard let file = former[content], try vault.has(file) else { return nil }
    return Entry(content: content, encrypted: file, isNew: false)
  }

  /// Reads an object into the vault.
  ///
  /// - Parameters:
  ///   - key: where it is in the store.
  ///   - digest: what it must have; nil takes any.
  ///   - store: has it.
  /// - Returns: the entry; one that was there already if the content turns out to be.
  /// - Throws: `ObjectStoreError`, `FileError`; ``RunError`` of the program that encrypts.
  func take(
    _ key: ObjectKey, expecting digest: ArchiveDigest?, from store: any ObjectStore
  ) async throws -> Entry {
    if let encryption {
      return try await take(key, expecting: digest, from: store, encryptedBy: encryption)
    }
    guard let digest else {
      // Its place in the vault is its digest, which is read first to learn it.
      var hash = ContentHash()
      let info = try await store.read(key, expecting: nil) { hash.update($0) }
      let content = StoredForm(bytes: info.size, sha256: hash.digest)
      if let entry = try entry(of: content) { return entry }
      return try await take(key, expecting: content.sha256, from: store)
    }
    try vault.makeRoom(for: digest)
    var file = try OutputFile(path: vault.path(of: digest), permissions: 0o600)
    var failure: FileError?
    let info = try await store.read(key, expecting: StoreDigest(hex: digest.hex)) { bytes in
      // The store would not know what to do with such an error.
      guard failure == nil else { return }
      do throws(FileError) { try file.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    try file.finish()
    return Entry(
      content: StoredForm(bytes: info.size, sha256: digest), encrypted: nil, isNew: true)
  }

  /// The store gives bytes as they come and the program takes them as it can; in between they wait on disk, sealed.
  private func take(
    _ key: ObjectKey, expecting digest: ArchiveDigest?, from store: any ObjectStore,
    encryptedBy encryption: PartEncryption
  ) async throws -> Entry {
    var sealed = try SealedFile(in: scratch)
    var hash = ContentHash()
    var failure: FileError?
    let expected = digest.flatMap { StoreDigest(hex: $0.hex) }
    _ = try await store.read(key, expecting: expected) { bytes in
      guard failure == nil else { return }
      hash.update(bytes)
      do throws(FileError) { try sealed.append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    let content = StoredForm(bytes: sealed.size, sha256: hash.digest)
    if let entry = try entry(of: content) { return entry }
    try vault.makeRoom(for: content.sha256)
    let temporary = vault.temporaryPath(beside: content.sha256)
    let stored: StoredForm
    do {
      stored = try await encryption.write(temporary) { input in
        for index in 0..<sealed.pieceCount { _ = try await input.write(try sealed.piece(index)) }
      }
    } catch {
      // What was put out before the failure; the failure matters more than what is left of it.
      try? removeFile(temporary)
      throw error
    }
    // Another row of the same content may have come first.
    let first = made.update { made in
      let first = made[content] ?? stored
      made[content] = first
      return first
    }
    guard first == stored else {
      try removeFile(temporary)
      return Entry(content: content, encrypted: first, isNew: false)
    }
    try vault.place(temporary, as: stored.sha256)
    return Entry(content: content, encrypted: stored, isNew: true)
  }
}
