/// Documents too long for a tape of all their values: 16 bytes each, and as many again while it grows, would
/// be many times the text.
extension TapeBuilder {
  /// Arrays below this many containers are no document's own.
  private static let slicedDepth = 3

  /// Parses a long source piece by piece, cut at commas outside of strings.
  func parsePieces(
    _ source: borrowing Span<UInt8>, _ range: Range<Int>, _ slicing: Slicing
  ) -> Failure? {
    var expected = Expectation.value
    // What is wrong with bytes anywhere is told before what is wrong with their order, as it is of a source
    // that is indexed as one.
    var byteFailure: Failure?
    var grammarFailure: Failure?
    var scanner = DepthScanner()
    var start = range.lowerBound
    while start < range.upperBound {
      let end = scanner.pieceEnd(source, start..<range.upperBound, leastBytes: slicing.byteLimit)
      var tokens: UnsafePointer<UInt32>? = nil
      var count = 0
      let failure = unsafe index(source, start..<end, &tokens, &count)
      if let failure, failure != .empty {
        byteFailure = Failure.first(byteFailure, failure)
      } else if let tokens = unsafe tokens, count > 0, byteFailure == nil, grammarFailure == nil {
        grammarFailure = unsafe build(
          tokens, count, of: source, start..<end, from: range.lowerBound, &expected)
      }
      start = end
    }
    if let failure = byteFailure ?? grammarFailure { return failure }
    guard expected != .nothing else { return nil }
    return entries.count == 0 ? .empty : .truncated
  }

  /// Begins an array that was just pushed, if it is one to be sliced.
  func beginSlices(_ at: Int, _ cursor: inout Cursor, of source: borrowing Span<UInt8>) {
    guard let slicing, cursor.depth > 1, cursor.depth <= Self.slicedDepth, cursor.frame.entry > 0
    else { return }
    let key = unsafe cursor.room[cursor.frame.entry - 1]
    guard key.kind == .key, !key.flags.contains(.escaped) else { return }
    let name = Int(key.start)..<Int(key.end)
    guard
      slicing.names.contains(where: {
        $0.utf8CodeUnitCount == name.count && source.reads($0, at: name.lowerBound, within: name)
      })
    else { return }
    cursor.frame.isSliced = true
    slicedArrays.append(SlicedArray(JSONValue(index: cursor.frame.entry), elementsAt: at + 1))
  }

  /// Takes the element that ends at an offset off the tape.
  func passElement(_ at: Int, isLast: Bool, _ cursor: inout Cursor) {
    guard let slicing, cursor.count > cursor.frame.entry + 1 else { return }
    cursor.count = cursor.frame.entry + 1
    slicedArrays[slicedArrays.count - 1].pass(to: at, slicing, isLast: isLast)
  }

  /// As ``JSONTape/add(_:of:)``.
  func add(_ value: JSONValue, of other: borrowing JSONTape) -> JSONValue {
    let place = entries.count
    let end = Int(other[value].next)
    entries.reserve(end - value.index)
    for index in value.index..<end {
      var entry = other[JSONValue(index: index)]
      entry.next = UInt32(Int(entry.next) - value.index + place)
      entries.append(entry)
    }
    return JSONValue(index: place)
  }
}

extension JSONTape.Failure {
  /// Which of two things wrong with bytes is told: the one simdjson finds first in a source indexed as one.
  static func first(_ one: JSONTape.Failure?, _ other: JSONTape.Failure) -> JSONTape.Failure {
    let order: [JSONTape.Failure] = [.memory, .truncated, .controlCharacter, .notUTF8]
    return order.first { $0 == one || $0 == other } ?? other
  }
}

extension DepthScanner {
  /// Where a piece of at least so many bytes ends, which begins outside of strings: behind a comma there, or
  /// at the end.
  mutating func pieceEnd(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, leastBytes: Int
  ) -> Int {
    var at = range.lowerBound
    let least = min(range.lowerBound + leastBytes, range.upperBound)
    while at < range.upperBound {
      let byte = bytes[at]
      step(byte)
      at += 1
      if byte == UInt8(ascii: "\\") {
        // No JSON, but simdjson takes no quote behind it for one.
        if at < range.upperBound, bytes[at] == byte || bytes[at] == UInt8(ascii: "\"") { at += 1 }
      } else if inString {
        at = skipString(bytes, from: at)
      } else if byte == UInt8(ascii: ","), at >= least {
        return min(at, range.upperBound)
      }
    }
    return range.upperBound
  }
}
