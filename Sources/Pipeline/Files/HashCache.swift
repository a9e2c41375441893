internal import Archive
internal import Synchronization
#if canImport(Glibc)
  internal import Glibc
#endif

/// Digests of files that have not changed since they were hashed, kept below the state directory.
///
/// Several runs may use it at once: each reads the cache it found, and adds what it learnt to the cache that
/// is there when it ends, under a lock.
public final class HashCache: Sendable {
  /// Records in a cache, together 184 MB; one that would get more begins anew.
  static let maximumRecords = 2 << 20
  /// Records kept in memory, 16 MB, until they are written.
  private static let unwrittenRecords = 200_000

  private let directory: String
  private let isKept: Bool
  private let found: HashCacheFile?
  private let unwritten = Mutex<[HashRecord]>([])

  private var path: String { "\(directory)/hash-cache" }

  /// Opens the cache in a state directory; neither need be there.
  ///
  /// - Parameters:
  ///   - state: the directory.
  ///   - isKept: whether what is learnt is written; else the cache stays as it is.
  public init(in state: StateDirectory, isKept: Bool = true) {
    self.isKept = isKept
    directory = state.path
    found = HashCacheFile(path: "\(state.path)/hash-cache")
  }

  /// A reader for one worker; of an empty cache too, so that what is learnt is kept.
  func reader() -> HashCacheReader { HashCacheReader(found) }

  /// Takes what was learnt; writes when it is much.
  func add(_ records: [HashRecord]) async throws {
    guard isKept else { return }
    let isMuch = unwritten.withLock { unwritten in
      unwritten += records
      return unwritten.count >= Self.unwrittenRecords
    }
    if isMuch { try await write() }
  }

  /// Merges what was learnt into the cache on disk.
  ///
  /// - Throws: ``RunError`` when it cannot be written; the cache that was there stays.
  func write() async throws {
    let records = unwritten.withLock { unwritten in
      defer { unwritten = [] }
      return unwritten
    }
    guard !records.isEmpty else { return }
    try makeStateDirectory(directory)
    try await withFileLock("\(path).lock", owner: (geteuid(), getegid())) {
      try RunError.onFiles { () throws(FileError) in try merge(records) }
    }
  }

  /// Writes a cache of what is on disk now and `records`, which win.
  private func merge(_ records: [HashRecord]) throws(FileError) {
    var fresh: [HashRecord.Key: HashRecord] = [:]
    for record in records { fresh[record.key] = record }
    let added = fresh.values.sorted { $0.key < $1.key }
    let kept = HashCacheFile(path: path).flatMap { kept in
      kept.count + added.count <= Self.maximumRecords ? kept : nil
    }
    // How many records there will be is known behind the last, but stands before the first.
    var count = 0
    try eachMerged(kept, added) { _ throws(FileError) in count += 1 }
    var file = try OutputFile(path: path, permissions: 0o600)
    var out = HashCacheFile.header(count: count)
    var index: [UInt8] = []
    var number = 0
    try eachMerged(kept, added) { record throws(FileError) in
      if number % HashCacheFile.recordsInBlock == 0 { record.key.append(to: &index) }
      number += 1
      record.append(to: &out)
      guard out.count >= 1 << 20 else { return }
      try file.write(out.span)
      out.removeAll(keepingCapacity: true)
    }
    try file.write(out.span)
    try file.write(index.span)
    // After a power failure it may be damaged, which is noticed where it is read.
    try file.finish(isDurable: false)
  }

  /// Hands over both lists in one order; of a file that is in `added`, nothing of `kept`.
  private func eachMerged(
    _ kept: HashCacheFile?, _ added: [HashRecord],
    _ body: (HashRecord) throws(FileError) -> Void
  ) throws(FileError) {
    var rest = added[...]
    for block in 0..<(kept?.blockCount ?? 0) {
      for record in kept?.records(ofBlock: block) ?? [] {
        while let next = rest.first, next.key < record.key {
          try body(next)
          rest.removeFirst()
        }
        let isReplaced =
          rest.first.map { $0.isOf(record) } ?? false
          || rest.startIndex > 0 && added[rest.startIndex - 1].isOf(record)
        if !isReplaced { try body(record) }
      }
    }
    for record in rest { try body(record) }
  }
}

extension HashRecord {
  /// Whether both are of the same file, in whatever state.
  fileprivate func isOf(_ other: HashRecord) -> Bool {
    state.device == other.state.device && state.inode == other.state.inode
  }
}
