/// Appending without the generic detours of `append(contentsOf:)`, which cost more than short texts do.
extension [UInt8] {
  /// Appends part of another array.
  @inline(__always)
  mutating func append(_ range: Range<Int>, of source: [UInt8]) {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.count, "range outside")
    // Lent as a buffer: a closure that captured the array would count a reference for each field.
    unsafe source.withUnsafeBufferPointer { bytes in
      let part = unsafe UnsafeBufferPointer(rebasing: bytes[range])
      append(addingCapacity: part.count) { tail in unsafe tail.append(part) }
    }
  }

  /// Appends a literal's bytes without making a String of it.
  mutating func append(staticText text: StaticString) {
    let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    append(addingCapacity: bytes.count) { tail in unsafe tail.append(bytes) }
  }

  /// Appends the name of a JSON object's member, which needs no escapes, with its quotes and its colon.
  mutating func append(memberName name: StaticString) {
    let bytes = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    append(addingCapacity: bytes.count + 3) { tail in
      tail.append(UInt8(ascii: "\""))
      unsafe tail.append(bytes)
      tail.append(UInt8(ascii: "\""))
      tail.append(UInt8(ascii: ":"))
    }
  }

  /// Appends a whole number in decimal digits, with zeros before them where it has fewer than `count`.
  mutating func append(decimal value: Int, digits count: Int = 1) {
    if value < 0 { append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    if rest < 10, count == 1 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest))
      return
    }
    // As many as the greatest number has.
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    let latest = digits.count - count
    var start = digits.count
    while rest > 0 {
      start -= 1
      digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    start = Swift.min(start, latest)
    append(addingCapacity: digits.count - start) { tail in
      for place in start..<digits.count { tail.append(digits[place]) }
    }
  }
}

extension OutputSpan<UInt8> {
  /// Appends part of a span; there must be room for it.
  @inline(__always)
  mutating func append(_ range: Range<Int>, of source: borrowing Span<UInt8>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.count, "range outside")
    unsafe source.withUnsafeBufferPointer { bytes in
      unsafe append(UnsafeBufferPointer(rebasing: bytes[range]))
    }
  }

  /// Appends bytes that are lent for the call; there must be room for them.
  @inline(__always)
  fileprivate mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    precondition(bytes.count <= freeCapacity, "no room for the bytes")
    unsafe withUnsafeMutableBufferPointer { target, count in
      guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
      unsafe (to + count).update(from: from, count: bytes.count)
      count += bytes.count
    }
  }
}

extension StaticString {
  /// Whether both have the same bytes.
  func reads(as other: StaticString) -> Bool {
    guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
    for offset in 0..<utf8CodeUnitCount
    where unsafe utf8Start[offset] != other.utf8Start[offset] {
      return false
    }
    return true
  }
}
