internal import CSimdjson

/// Where the backslashes of a stretch of bytes are: a bit for each byte, found once for all texts in it.
struct Backslashes: ~Copyable {
  private var words: [UInt64] = []
  private(set) var range = 0..<0

  /// Finds those of a range of `bytes`; memory is an eighth of the longest.
  mutating func find(in bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count, "range outside the bytes")
    self.range = range
    let count = (range.count + 63) / 64
    words.removeAll(keepingCapacity: true)
    words.append(addingCapacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        unsafe bytes.withUnsafeBufferPointer { source in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          unsafe convoy_backslashes(from + range.lowerBound, range.count, to)
          initializedCount = count
        }
      }
    }
  }

  /// Forgets what was found, and gives back memory that a long stretch needed.
  mutating func clear() {
    range = 0..<0
    if words.capacity > 1 << 14 { words = [] }
  }

  /// The first backslash in a part of the range.
  @inline(__always)
  func first(in part: Range<Int>) -> Int? {
    let start = part.lowerBound - range.lowerBound
    let end = part.upperBound - range.lowerBound
    guard start < end else { return nil }
    var index = start >> 6
    var word = words[index] & (~0 << UInt64(start & 63))
    while word == 0 {
      index += 1
      guard index << 6 < end else { return nil }
      word = words[index]
    }
    let place = index << 6 + word.trailingZeroBitCount
    return place < end ? place + range.lowerBound : nil
  }
}
