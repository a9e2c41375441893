#if canImport(Glibc)
  internal import Glibc
#endif

extension Span<UInt8> {
  /// First place of `byte` in a range, found with memchr's vector instructions.
  func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    // Most texts of a record are a word or two, and the call costs as much as looking at those.
    guard range.count > 16 else {
      for index in range where self[index] == byte { return index }
      return nil
    }
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the bytes")
    return unsafe withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress,
        let hit = unsafe memchr(base + range.lowerBound, Int32(byte), range.count)
      else { return nil }
      return unsafe base.distance(to: UnsafeRawPointer(hit))
    }
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
