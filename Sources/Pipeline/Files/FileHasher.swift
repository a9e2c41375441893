internal import Archive
internal import FoundationEssentials

/// Reads and hashes files, one after the other, for one worker.
///
/// Holds one block, and while it is at a long file those of ``ReadAhead``: 2.75 MiB together.
struct FileHasher: ~Copyable {
  /// From this size on others are told before a file is read, and a core without work reads it ahead.
  static let longBytes = 4 << 20

  private let withChunks: Bool
  private let withSum: Bool
  private let stop: StopSignal
  private let readAhead: ReadAhead
  private var cache: HashCacheReader?
  private var buffer: [UInt8] = []
  /// What is new to the cache.
  private(set) var records: [HashRecord] = []
  /// Bytes taken from files.
  private(set) var bytesRead = 0

  init(
    number: Int, withChunks: Bool, withSum: Bool = false, cache: HashCacheReader?,
    stop: StopSignal
  ) {
    self.withChunks = withChunks
    self.withSum = withSum
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
  /// `beforeLongRead` is called before a file is read that takes more than a moment; true lets a second
  /// thread read it. That is faster for this file, but costs a quarter more than reading and hashing by turns
  /// in one core's cache, so it is for when there is nothing else to do.
  mutating func outcome(
    of task: HashTask, beforeLongRead: () -> Bool
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
    _ file: consuming InputFile, _ expected: ExpectedContent?, _ beforeLongRead: () -> Bool
  ) throws(FileError) -> HashResult.Outcome? {
    let opened = file.openedState
    let isRegular = file.isRegular
    let openedAt = Int64(Date.now.timeIntervalSince1970 * 1e9)
    if isRegular, let known = cache?.content(of: opened, withChunks: withChunks) {
      return .hashed(known)
    }
    let isLong = opened.size >= Self.longBytes
    let isReadAhead = (isLong || !isRegular) && beforeLongRead() && isRegular
    let wantsChunks = withChunks || expected?.chunks.isEmpty == false
    guard
      let reading = try isReadAhead
        ? readAhead(file, wantsChunks)
        : isLong && isRegular ? readBlocks(file, wantsChunks) : readShort(file, wantsChunks)
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

    init(
      _ hash: consuming FileHash, chunks: [FileDigest]? = nil, state: FileState, bytesRead: Int
    ) {
      let byteCount = hash.byteCount
      let found = hash.finish()
      content = HashedContent(
        digest: found.digest, byteCount: byteCount, chunks: chunks ?? found.chunks, isCached: false,
        sum: found.sum, state: state)
      self.state = state
      self.bytesRead = bytesRead
    }
  }

  /// Reads a short file by as few calls as can be, or a pipe to its end.
  private mutating func readShort(
    _ file: consuming InputFile, _ wantsChunks: Bool
  ) throws(FileError) -> Reading? {
    var hash = FileHash(withChunks: wantsChunks, withSum: withSum)
    let size = file.isRegular ? file.openedState.size : 0
    while stop.received == nil {
      var block = takeBuffer()
      block.removeAll(keepingCapacity: true)
      let count = try file.read(into: &block, upTo: BlockReader.blockBytes)
      hash.update(.bytes(block))
      buffer = block
      // Where the bytes are as many as there should be, the end of the file is no call of its own.
      guard count > 0, hash.byteCount != size else { break }
    }
    guard stop.received == nil else { return nil }
    return Reading(hash, state: try file.state(), bytesRead: file.bytesRead)
  }

  private mutating func readBlocks(
    _ file: consuming InputFile, _ wantsChunks: Bool
  ) throws(FileError) -> Reading? {
    var hash = FileHash(withChunks: wantsChunks, withSum: withSum)
    var reader = BlockReader()
    var bytesRead = 0
    while stop.received == nil {
      let block = try reader.next(of: file, into: takeBuffer())
      hash.update(block)
      if case .bytes(let bytes) = block {
        bytesRead += bytes.count
        buffer = bytes
      }
      guard block.byteCount > 0 else {
        return Reading(hash, state: try file.state(), bytesRead: bytesRead)
      }
    }
    return nil
  }

  /// Leaves no second reference behind, which would make writing to the buffer copy it.
  private mutating func takeBuffer() -> [UInt8] {
    defer { buffer = [] }
    return buffer
  }

  private func readAhead(
    _ file: consuming InputFile, _ wantsChunks: Bool
  ) throws(FileError) -> Reading? {
    var hash = FileHash(withChunks: false, withSum: withSum)
    var bytesRead = 0
    let ending = try readAhead.read(file, withChunks: wantsChunks) { block in
      hash.update(block)
      if case .bytes(let bytes) = block { bytesRead += bytes.count }
      return stop.received == nil
    }
    guard let ending else { return nil }
    return Reading(hash, chunks: ending.chunks, state: ending.state, bytesRead: bytesRead)
  }

  private mutating func remember(_ content: HashedContent, _ state: FileState) {
    guard cache != nil else { return }
    records.append(HashRecord(state: state, part: 0, digest: content.digest))
    for (index, chunk) in content.chunks.enumerated() {
      records.append(HashRecord(state: state, part: UInt64(index + 1), digest: chunk))
    }
  }
}
