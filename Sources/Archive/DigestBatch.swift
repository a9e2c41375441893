internal import CSHA256

/// SHA-256 (FIPS 180-4) of many texts, two at a time where the processor has instructions for it.
///
/// One text after the other leaves such a processor waiting for its own results a third of the time. Memory is
/// kept from batch to batch.
public struct DigestBatch: Sendable {
  private static let isPaired = convoy_sha256_is_there()

  private var texts: [convoy_sha256_text] = []
  private var found: [convoy_sha256_digest] = []

  /// Begins without texts.
  public init() {}

  /// Texts so far.
  public var count: Int { texts.count }

  /// Adds a text.
  /// - Parameters:
  ///   - head: its beginning, of the bytes that will be given as heads.
  ///   - tail: the rest of it, of the bytes that will be given as tails.
  public mutating func add(head: Range<Int> = 0..<0, tail: Range<Int>) {
    texts.append(
      convoy_sha256_text(
        head: head.lowerBound, head_length: head.count, tail: tail.lowerBound,
        tail_length: tail.count))
  }

  /// Hashes the texts.
  /// - Parameters:
  ///   - heads: the bytes that their beginnings are of.
  ///   - tails: the bytes that the rests are of.
  public mutating func hash(heads: Span<UInt8> = Span(), tails: Span<UInt8>) {
    for text in texts {
      precondition(
        text.head + text.head_length <= heads.count && text.tail + text.tail_length <= tails.count,
        "a text outside the bytes")
    }
    found.removeAll(keepingCapacity: true)
    guard Self.isPaired else {
      for text in texts { found.append(Self.digest(text, heads, tails)) }
      return
    }
    found.append(addingCapacity: texts.count) { output in
      unsafe output.withUnsafeMutableBufferPointer { target, initializedCount in
        unsafe heads.withUnsafeBufferPointer { heads in
          unsafe tails.withUnsafeBufferPointer { tails in
            unsafe texts.withUnsafeBufferPointer { texts in
              unsafe convoy_sha256_texts(
                heads.baseAddress, tails.baseAddress, texts.baseAddress, texts.count,
                target.baseAddress)
              initializedCount = texts.count
            }
          }
        }
      }
    }
  }

  /// The digest of a text, by its number, once they have been hashed.
  public subscript(_ number: Int) -> ContentDigest {
    let words = found[number].words
    return ContentDigest(
      high: UInt128(words.0) << 64 | UInt128(words.1),
      low: UInt128(words.2) << 64 | UInt128(words.3))
  }

  /// Forgets the texts and what was found.
  public mutating func clear() {
    texts.removeAll(keepingCapacity: true)
    found.removeAll(keepingCapacity: true)
  }

  private static func digest(
    _ text: convoy_sha256_text, _ heads: Span<UInt8>, _ tails: Span<UInt8>
  ) -> convoy_sha256_digest {
    var hash = ContentHash()
    hash.update(heads.extracting(text.head..<text.head + text.head_length))
    hash.update(tails.extracting(text.tail..<text.tail + text.tail_length))
    let digest = hash.digest
    return convoy_sha256_digest(
      words: (
        UInt64(truncatingIfNeeded: digest.high >> 64), UInt64(truncatingIfNeeded: digest.high),
        UInt64(truncatingIfNeeded: digest.low >> 64), UInt64(truncatingIfNeeded: digest.low)
      ))
  }
}
