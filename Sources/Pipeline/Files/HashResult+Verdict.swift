internal import Archive

/// What a file is, held against a list of checksums.
public enum ChecksumVerdict: Sendable, Equatable {
  /// It is what the list says.
  case match
  /// It is something else; the ranges are those of the damaged chunks where the list has chunks.
  case mismatch(damaged: [Range<Int>])
  /// It is not there.
  case missing
  /// It could not be read, or not in one state.
  case unread
}

extension HashResult {
  /// How the file compares with its line in the list; nil for what has no line.
  public var verdict: ChecksumVerdict? {
    guard let expected else { return nil }
    switch outcome {
    case .hashed(let content):
      return content.digest == expected.digest
        ? .match : .mismatch(damaged: Self.damage(content, expected))
    case .unreadable(let error): return error.isMissing ? .missing : .unread
    case .changed, .skipped, .malformedLine: return .unread
    }
  }

  /// The ranges of the chunks that differ, neighbours joined.
  private static func damage(
    _ content: HashedContent, _ expected: ExpectedContent
  ) -> [Range<Int>] {
    guard !expected.chunks.isEmpty else { return [] }
    let found = content.chunks.isEmpty ? [content.digest] : content.chunks
    let byteCount = max(content.byteCount, expected.chunkedBytes)
    var ranges: [Range<Int>] = []
    for index in 0..<max(found.count, expected.chunks.count) {
      let isSame =
        index < min(found.count, expected.chunks.count) && found[index] == expected.chunks[index]
      guard !isSame else { continue }
      let start = index * ChunkHash.chunkBytes
      let end = min(start + ChunkHash.chunkBytes, byteCount)
      if let last = ranges.last, last.upperBound == start {
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        ranges.append(start..<end)
      }
    }
    return ranges
  }
}
