internal import Archive
internal import FoundationEssentials

/// Reads and hashes files, one after the other, for one worker.
///
/// Holds one block, and while it is at a long file those of ``ReadAhead``: 2.75 MiB together.
struct FileHasher: ~Copyable {
  /// From this size on a file is read by a thread of its own, ahead of the hashing.
  static let longBytes = 4 << 20

  private let withChunks: Bool
  private let stop: StopSignal
  private let readAhead: ReadAhead
  private var cache: HashCacheReader?
  private var buffer: [UInt8] = []
  /// What is new to the cache.
  private(set) var records: [HashRecord] = []
  /// Bytes taken from files.
  private(set) var bytesRead = 0

  init(number: Int, withChunks: Bool, cache: HashCacheReader?, stop: StopSignal) {
    self.withChunks = withChunks
    self.stop = stop
    self.cache = cache
    readAhead = ReadAhead(number: number)
  }

  mutating func takeRecords() -> [HashRecord] {
    defer { records.removeAll(keepingCapacity: true) }
    return records
  }

  /// Does what the task says; nil after a request to stop.
  ///
  /// `beforeLongRead` is called before a file is read that takes more than a moment.
  mutating func outcome(
    of task: HashTask, beforeLongRead: () -> Void
  ) -> HashResult.Outcome? {
    do throws(FileError) {
      switch task.action {
      case .settled(let outcome): return outcome
      case .readFound:
        return try read(InputFile(regularFile: task.path), task.expected, beforeLongRead)
      case .readNamed: return try read(InputFile(path: task.path), task.expected, beforeLongRead)
      case .readStandardInput:
        return try read(InputFile.standardInput(), task.expected, beforeLongRead)
      }
    } catch {
      return .unreadable(error)
    }
  }

  private mutating func read(
    _ file: consuming InputFile, _ expected: ExpectedContent?, _ beforeLongRead: () -> Void
  ) throws(FileError) -> HashResult.Outcome? {
    let opened = file.openedState
    let isRegular = file.isRegular
    let openedAt = Int64(Date.now.timeIntervalSince1970 * 1e9)
    if isRegular, let known = cache?.content(of: opened, withChunks: withChunks) {
      return .hashed(known)
    }
    let isLong = opened.size >= Self.longBytes
    if isLong || !isRegular { beforeLongRead() }
    let wantsChunks = withChunks || expected?.chunks.isEmpty == false
    guard
      let reading = try isRegular && isLong
        ? readAhead(file, wantsChunks) : readHere(file, wantsChunks)
    else { return nil }
    bytesRead += reading.bytesRead
    let content = reading.content
    // Of a file that the system makes up as it is read, the size is 0.
    let isWhole = content.byteCount == opened.size || opened.size == 0
    guard !isRegular || reading.state == opened && isWhole else { return .changed }
    // A write within the clock tick of an earlier one would leave the state as it is.
    if isRegular && content.byteCount == opened.size && opened.isSettled(at: openedAt) {
      remember(content, opened)
    }
    return .hashed(content)
  }

  private struct Reading {
    let content: HashedContent
    /// The file as it was behind the last byte.
    let state: FileState
    let bytesRead: Int
  }

  /// Reads and hashes by turns: a block stays in the processor's own cache between the two.
  private mutating func readHere(
    _ file: consuming InputFile, _ wantsChunks: Bool
  ) throws(FileError) -> Reading? {
    var hash = FileHash(withChunks: wantsChunks)
    let size = file.isRegular ? file.openedState.size : 0
    while stop.received == nil {
      var block = buffer
      buffer = []
      block.removeAll(keepingCapacity: true)
      // As many bytes as there should be are asked for: the end of a file is then no call of its own.
      let count = try file.read(into: &block, upTo: ReadAhead.blockBytes)
      hash.update(.bytes(block))
      buffer = block
      guard count > 0, hash.byteCount != size else { break }
    }
    guard stop.received == nil else { return nil }
    let state = try file.state()
    let byteCount = hash.byteCount
    let (digest, chunks) = hash.finish()
    let content = HashedContent(
      digest: digest, byteCount: byteCount, chunks: chunks, isCached: false)
    return Reading(content: content, state: state, bytesRead: file.bytesRead)
  }

  private func readAhead(
    _ file: consuming InputFile, _ wantsChunks: Bool
  ) throws(FileError) -> Reading? {
    var hash = FileHash(withChunks: false)
    var bytesRead = 0
    let ending = try readAhead.read(file, withChunks: wantsChunks) { block in
      hash.update(block)
      if case .bytes(let bytes) = block { bytesRead += bytes.count }
      return stop.received == nil
    }
    guard let ending else { return nil }
    let byteCount = hash.byteCount
    let content = HashedContent(
      digest: hash.finish().digest, byteCount: byteCount, chunks: ending.chunks, isCached: false)
    return Reading(content: content, state: ending.state, bytesRead: bytesRead)
  }

  private mutating func remember(_ content: HashedContent, _ state: FileState) {
    guard cache != nil else { return }
    records.append(HashRecord(state: state, part: 0, digest: content.digest))
    for (index, chunk) in content.chunks.enumerated() {
      records.append(HashRecord(state: state, part: UInt64(index + 1), digest: chunk))
    }
  }
}
