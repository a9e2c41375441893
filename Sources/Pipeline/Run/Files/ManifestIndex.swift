internal import Archive

/// Entries of manifests by the files they are about, and which of them have been met.
struct ManifestIndex {
  /// An entry, by its manifest and its place there.
  private struct Key: Hashable {
    let manifest: Int
    let entry: Int
  }

  let manifests: [FileManifest]
  /// Entries about paths: relative ones as they are written, others as the real path they lead to.
  private var named: [[UInt8]: [Key]] = [:]
  /// What entries lead to that lead to no file.
  private var astray: [Key: MentionOutcome] = [:]
  private var met: Set<Key> = []
  /// Files that are not stored themselves: manifests, and journals of those that are databases.
  private var own: Set<FileState> = []
  /// Real paths of directories that are download caches.
  private var caches: Set<[UInt8]> = []

  /// Reads what a pipeline names.
  ///
  /// - Throws: ``RunError`` for a manifest that cannot be read.
  init(_ plan: FilesPlan) throws(RunError) {
    var manifests: [FileManifest] = []
    for (index, path) in plan.spec.files.manifest.enumerated() {
      manifests.append(
        try FileManifest(
          path: path, input: Int32(plan.roots.count + index), zones: plan.zones,
          scratchDirectory: plan.reportDirectory.path))
    }
    self.manifests = manifests
    for (number, manifest) in manifests.enumerated() {
      for ending in ["", "-wal", "-shm", "-journal"] {
        // Behind a link it is no file of the roots.
        if let state = try? FileState(regularFile: RawPath(manifest.path + ending)) {
          own.insert(state)
        }
      }
      if manifest.isDownloadCache, let directory = Self.directory(of: manifest.path) {
        caches.insert(directory)
      }
      for (index, entry) in manifest.entries.enumerated() {
        let key = Key(manifest: number, entry: index)
        switch entry.subject {
        case .below(let path): named[Self.normal(path), default: []].append(key)
        case .written(let paths):
          let outcomes = paths.lazy.map(plan.writtenRoots.find)
          let first = outcomes.first ?? .missing
          if let file = outcomes.lazy.compactMap(\.file).first {
            named[file.path.bytes, default: []].append(key)
          } else {
            astray[key] = first
          }
        case .content, .uploaded: break
        }
      }
    }
  }

  /// A relative path without what means nothing: `./a//b` is `a/b`.
  private static func normal(_ path: [UInt8]) -> [UInt8] {
    guard path.first != UInt8(ascii: "/") else { return path }
    let names = path.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
    return Array(names.joined(separator: [UInt8(ascii: "/")]))
  }

  private static func directory(of path: String) -> [UInt8]? {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { String(path[..<$0]) } ?? "."
    // A directory that cannot be opened holds no file that is found.
    return (try? ContainedRoot(path: parent.isEmpty ? "/" : parent))?.path.bytes
  }

  /// Whether a file is a manifest, or part of one.
  func isManifest(_ state: FileState) -> Bool { own.contains(state) }

  /// Whether a file lies beside the database of a download cache.
  func isInCache(_ realPath: [UInt8]) -> Bool {
    guard let slash = realPath.lastIndex(of: UInt8(ascii: "/")) else { return false }
    return caches.contains(Array(realPath[..<slash]))
  }

  /// The entries about a file, which they have met now.
  mutating func meet(
    _ below: ArraySlice<UInt8>, realPath: [UInt8]?
  ) -> [FileManifest.Entry] {
    let keys = (named[Array(below)] ?? []) + (realPath.flatMap { named[$0] } ?? [])
    met.formUnion(keys)
    return keys.map { manifests[$0.manifest].entries[$0.entry] }
  }

  /// Calls `body` with each entry about a path that no file was met for, and what it leads to.
  func forEachUnmet(
    _ body: (FileManifest, FileManifest.Entry, MentionOutcome) throws(RunError) -> Void
  ) throws(RunError) {
    for (number, manifest) in manifests.enumerated() {
      for (index, entry) in manifest.entries.enumerated() where entry.isOfPath {
        let key = Key(manifest: number, entry: index)
        if !met.contains(key) { try body(manifest, entry, astray[key] ?? .missing) }
      }
    }
  }

  /// Entries that only the contents of files tell what they are about.
  var contentEntries: [FileManifest.Entry] {
    manifests.flatMap { $0.entries.filter { !$0.isOfPath } }
  }
}

extension FileManifest.Entry {
  fileprivate var isOfPath: Bool {
    switch subject {
    case .below, .written: true
    case .content, .uploaded: false
    }
  }
}

extension MentionOutcome {
  fileprivate var file: ContainedFile? {
    guard case .file(let file) = self else { return nil }
    return file
  }
}
