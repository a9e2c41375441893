internal import Archive

/// A cache as one run of the program finds it on disk; it is replaced, never changed.
///
/// Header (magic, version, count of records, and the beginning of SHA-256 over these), records sorted by
/// key, then the key of each 64th record. The keys are in memory, 24 bytes each; records are read when
/// they are asked for. A record that is damaged counts as absent.
final class HashCacheFile: Sendable {
  static let recordsInBlock = 64
  private static let magic: [UInt8] = Array("convoyHC".utf8)
  private static let version: UInt64 = 1
  private static let headerBytes = 32
  private static let blockBytes = recordsInBlock * HashRecord.byteCount

  let count: Int
  private let file: InputFile
  private let index: [HashRecord.Key]

  /// Opens a cache; nil when there is none, or something that is none.
  init?(path: String) {
    // A cache that cannot be read is none: everything is hashed, and a new one is written.
    guard let file = try? InputFile(regularFile: RawPath(path)),
      let header = try? file.bytes(at: 0, upTo: Self.headerBytes), header.count == Self.headerBytes,
      header.starts(with: Self.magic),
      BigEndian.number(in: header[...], at: 8) == Self.version,
      BigEndian.number(in: header[...], at: 24) == FileDigest.of(header.prefix(24)).leadingWord,
      let count = Int(exactly: BigEndian.number(in: header[...], at: 16)),
      count <= HashCache.maximumRecords
    else { return nil }
    let blocks = (count + Self.recordsInBlock - 1) / Self.recordsInBlock
    let start = Self.headerBytes + count * HashRecord.byteCount
    let indexBytes = blocks * HashRecord.Key.byteCount
    guard file.openedState.size == start + indexBytes,
      let keys = try? file.bytes(at: start, upTo: indexBytes), keys.count == indexBytes
    else { return nil }
    index = stride(from: 0, to: indexBytes, by: HashRecord.Key.byteCount).map {
      HashRecord.Key(keys[$0...])
    }
    self.count = count
    self.file = file
  }

  var blockCount: Int { index.count }

  /// The only block in which `key` can be; nil when it comes before all.
  func block(of key: HashRecord.Key) -> Int? {
    var low = 0
    var high = index.count
    while low < high {
      let middle = (low + high) / 2
      if index[middle] <= key { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }

  /// The bytes of a block's records; none where they cannot be read.
  func bytes(ofBlock number: Int) -> [UInt8] {
    let start = number * Self.recordsInBlock
    let bytes = min(Self.recordsInBlock, count - start) * HashRecord.byteCount
    // What cannot be read counts as absent, as what is damaged does.
    return
      (try? file.bytes(
        at: Self.headerBytes + start * HashRecord.byteCount, upTo: bytes)) ?? []
  }

  /// The sound records of a block, in order.
  func records(ofBlock number: Int) -> [HashRecord] {
    let bytes = bytes(ofBlock: number)
    return stride(from: 0, to: bytes.count, by: HashRecord.byteCount).compactMap {
      HashRecord(bytes[$0..<min($0 + HashRecord.byteCount, bytes.count)])
    }
  }

  static func header(count: Int) -> [UInt8] {
    var bytes = magic
    BigEndian.append(version, to: &bytes)
    BigEndian.append(UInt64(count), to: &bytes)
    BigEndian.append(FileDigest.of(bytes).leadingWord, to: &bytes)
    return bytes
  }
}

/// Looks digests up, for one worker: the block it read last is at hand, and files of one directory tend to
/// be in one block.
struct HashCacheReader: Sendable {
  private let cache: HashCacheFile?
  private var blockNumber = -1
  private var block: [UInt8] = []

  init(_ cache: HashCacheFile?) { self.cache = cache }

  /// The content of a file in this very state; nil if it is not known, or not all of it.
  mutating func content(of state: FileState, withChunks: Bool) -> HashedContent? {
    guard let digest = digest(of: state, part: 0) else { return nil }
    var chunks: [FileDigest] = []
    if withChunks && state.size > ChunkHash.chunkBytes {
      for part in 1...(state.size + ChunkHash.chunkBytes - 1) / ChunkHash.chunkBytes {
        guard let chunk = self.digest(of: state, part: UInt64(part)) else { return nil }
        chunks.append(chunk)
      }
    }
    return HashedContent(
      digest: digest, byteCount: state.size, chunks: chunks, isCached: true, state: state)
  }

  private mutating func digest(of state: FileState, part: UInt64) -> FileDigest? {
    let key = HashRecord.Key(device: state.device, inode: state.inode, part: part)
    guard let cache, let number = cache.block(of: key) else { return nil }
    if number != blockNumber {
      block = cache.bytes(ofBlock: number)
      blockNumber = number
    }
    var low = 0
    var high = block.count / HashRecord.byteCount
    while low < high {
      let middle = (low + high) / 2
      let start = middle * HashRecord.byteCount
      let found = HashRecord.Key(block[start...])
      if found == key {
        let record = HashRecord(block[start..<start + HashRecord.byteCount])
        return record?.state == state ? record?.digest : nil
      }
      if found < key { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
