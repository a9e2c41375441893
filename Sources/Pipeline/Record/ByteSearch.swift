#if canImport(Glibc)
  internal import Glibc
#endif

extension Span<UInt8> {
  /// First place of `byte` in a range, found with memchr's vector instructions.
  func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    // Most texts of a record are a word or two without it, and the call costs more than looking at those.
    guard range.count > 32 || mayHold(byte, in: range) else { return nil }
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the bytes")
    return unsafe withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress,
        let hit = unsafe memchr(base + range.lowerBound, Int32(byte), range.count)
      else { return nil }
      return unsafe base.distance(to: UnsafeRawPointer(hit))
    }
  }

  /// False only if `byte` is not in the range; looks at eight bytes at a time.
  @inline(__always)
  private func mayHold(_ byte: UInt8, in range: Range<Int>) -> Bool {
    guard range.count >= 8 else {
      for index in range where self[index] == byte { return true }
      return false
    }
    let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
    let last = range.upperBound - 8
    var at = range.lowerBound
    while true {
      // A byte that is zero now is the one looked for (Hacker's Delight, section 6-1).
      let word = word(at: at) ^ pattern
      if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { return true }
      if at == last { return false }
      at = Swift.min(at + 8, last)
    }
  }

  /// Whether a range has the same bytes as as many of `other` from `start` on.
  @inline(__always)
  func matches(_ range: Range<Int>, _ other: borrowing Span<UInt8>, at start: Int) -> Bool {
    guard range.count >= 8 else {
      for offset in 0..<range.count
      where self[range.lowerBound + offset] != other[start + offset] {
        return false
      }
      return true
    }
    let last = range.count - 8
    var offset = 0
    while word(at: range.lowerBound + offset) == other.word(at: start + offset) {
      if offset == last { return true }
      offset = Swift.min(offset + 8, last)
    }
    return false
  }

  /// Whether `text` stands at an offset, all of it inside a range.
  func reads(_ text: StaticString, at start: Int, within range: Range<Int>) -> Bool {
    let length = text.utf8CodeUnitCount
    guard start >= range.lowerBound, start + length <= range.upperBound else { return false }
    for offset in 0..<length where unsafe self[start + offset] != text.utf8Start[offset] {
      return false
    }
    return true
  }

  /// The eight bytes from an offset on, in the machine's order.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset + 8 <= count, "word outside the bytes")
    return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}

extension [UInt8] {
  /// First place of `byte` in a range.
  func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    span.firstIndex(of: byte, in: range)
  }

  /// How often `byte` occurs in a range; quick where it is rare.
  func count(of byte: UInt8, in range: Range<Int>) -> Int {
    var found = 0
    var at = range.lowerBound
    while let hit = firstIndex(of: byte, in: at..<range.upperBound) {
      found += 1
      at = hit + 1
    }
    return found
  }

  /// Where `byte` occurs in fewer than 4 GiB; quick where it is rare.
  func places(of byte: UInt8) -> [UInt32] {
    var found: [UInt32] = []
    var at = 0
    while let hit = firstIndex(of: byte, in: at..<count) {
      found.append(UInt32(hit))
      at = hit + 1
    }
    return found
  }

  /// Whether a range is only JSON white space.
  func isBlank(_ range: Range<Int>) -> Bool {
    var at = range.lowerBound
    while at < range.upperBound, isJSONSpace(self[at]) { at += 1 }
    return at == range.upperBound
  }

  /// The range without white space at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, isJSONSpace(self[start]) { start += 1 }
    while end > start, isJSONSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }
}
