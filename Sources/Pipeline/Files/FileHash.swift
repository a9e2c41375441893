internal import Crypto
internal import ObjectStore

/// The digest of a content, and if wanted those of its chunks and a quick sum, as its bytes come.
struct FileHash {
  private var whole = SHA256()
  private var chunks: ChunkHash?
  private var sum: ContentSum?
  private(set) var byteCount = 0

  init(withChunks: Bool, withSum: Bool = false) {
    chunks = withChunks ? ChunkHash() : nil
    sum = withSum ? ContentSum() : nil
  }

  mutating func update(_ block: ContentBlock) {
    block.forEachRun { run in
      whole.update(data: run)
      sum?.update(run.span)
    }
    chunks?.update(block)
    byteCount += block.byteCount
  }

  /// The digest, the digests of the chunks where there are more than one, and the sum.
  consuming func finish() -> (digest: FileDigest, chunks: [FileDigest], sum: UInt64?) {
    (FileDigest(whole.finalize()), chunks?.finish() ?? [], sum?.value)
  }
}

/// Digests of 8 MiB each, so that of a damaged file the damaged part can be named.
struct ChunkHash {
  static let chunkBytes = 8 << 20

  private var digests: [FileDigest] = []
  private var hash = SHA256()
  private var filledBytes = 0

  mutating func update(_ block: ContentBlock) {
    block.forEachRun { run in
      var rest = run
      while !rest.isEmpty {
        let part = rest.prefix(Self.chunkBytes - filledBytes)
        hash.update(data: part)
        filledBytes += part.count
        rest = rest[part.endIndex...]
        if filledBytes == Self.chunkBytes { close() }
      }
    }
  }

  private mutating func close() {
    digests.append(FileDigest(hash.finalize()))
    hash = SHA256()
    filledBytes = 0
  }

  /// The digests in order; none where there would be one, as it would be the content's own.
  consuming func finish() -> [FileDigest] {
    var ended = self
    if ended.filledBytes > 0 { ended.close() }
    return ended.digests.count > 1 ? ended.digests : []
  }
}

/// A piece of a file's content.
enum ContentBlock: Sendable {
  case bytes([UInt8])
  /// As many zeros: a hole, which needs no reading.
  case zeros(Int)

  private static let zeroRun = [UInt8](repeating: 0, count: 65_536)

  var byteCount: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .zeros(let count): count
    }
  }

  /// Hands over the content in order, holes in runs.
  func forEachRun(_ body: (ArraySlice<UInt8>) -> Void) {
    switch self {
    case .bytes(let bytes): body(bytes[...])
    case .zeros(var count):
      while count > 0 {
        let run = Self.zeroRun.prefix(count)
        body(run)
        count -= run.count
      }
    }
  }
}
