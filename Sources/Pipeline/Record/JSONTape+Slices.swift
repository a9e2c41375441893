/// Which arrays of a long document are left without their elements, to be parsed a slice at a time.
struct Slicing {
  /// The keys such an array may stand under, in the document or one level below.
  var names: [StaticString]
  /// Elements of a slice at most.
  var elementLimit: Int
  /// Bytes of a slice, or of its last element where that is longer; documents up to this are parsed whole.
  var byteLimit = 256 << 10
}

/// An array whose elements are not on its document's tape.
struct SlicedArray {
  /// Some elements of the array that follow each other.
  struct Slice {
    /// Where they are in the source, with the commas between them.
    var range: Range<Int>
    /// Position of the first one in the array.
    var first: Int
    var count: Int
  }

  var array: JSONValue
  /// All its elements.
  private(set) var count = 0
  private(set) var slices: [Slice] = []
  /// Where the slice under way begins.
  private var start: Int
  private var first = 0

  init(_ array: JSONValue, elementsAt start: Int) {
    self.array = array
    self.start = start
  }

  /// Notes that an element ends at an offset; after the last one, all that is left is a slice.
  fileprivate mutating func pass(to end: Int, _ limits: Slicing, isLast: Bool) {
    count += 1
    guard isLast || count - first >= limits.elementLimit || end - start >= limits.byteLimit else {
      return
    }
    slices.append(Slice(range: start..<end, first: first, count: count - first))
    start = end + 1
    first = count
  }

  /// Makes one slice of all those from an element's to a later one's.
  mutating func join(_ pairs: [(first: Int, last: Int)]) {
    guard !pairs.isEmpty else { return }
    // Of each slice, the last one that has to be in one with it.
    var ends = Array(slices.indices)
    for pair in pairs {
      let slice = index(of: pair.first)
      ends[slice] = max(ends[slice], index(of: pair.last))
    }
    var joined: [Slice] = []
    var end = -1
    for (index, slice) in slices.enumerated() {
      if index <= end {
        joined[joined.count - 1].range =
          joined[joined.count - 1].range.lowerBound..<slice.range.upperBound
        joined[joined.count - 1].count += slice.count
      } else {
        joined.append(slice)
      }
      end = max(end, ends[index])
    }
    slices = joined
  }

  /// The slice an element is in.
  private func index(of element: Int) -> Int {
    var (low, high) = (0, slices.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if slices[middle].first <= element { low = middle } else { high = middle - 1 }
    }
    return low
  }
}

/// Documents too long for a tape of all their values: 16 bytes each, and as many again while it grows, would
/// be many times the text.
extension JSONTape {
  /// Arrays below this many containers are no document's own.
  private static let slicedDepth = 3

  /// Parses a long source piece by piece, cut at commas outside of strings.
  mutating func parsePieces(
    _ source: [UInt8], _ range: Range<Int>, _ slicing: Slicing
  ) -> Failure? {
    self.slicing = slicing
    var expected = Expectation.value
    // What is wrong with bytes anywhere is told before what is wrong with their order, as it is of a source
    // that is indexed as one.
    var byteFailure: Failure?
    var grammarFailure: Failure?
    var scanner = DepthScanner()
    var start = range.lowerBound
    while start < range.upperBound {
      let end = scanner.pieceEnd(
        source.span, start..<range.upperBound, leastBytes: slicing.byteLimit)
      var offsets: UnsafePointer<UInt32>? = nil
      var count = 0
      let failure = unsafe index(source, start..<end, &offsets, &count)
      if let failure, failure != .empty {
        byteFailure = Failure.first(byteFailure, failure)
      } else if let offsets = unsafe offsets, byteFailure == nil, grammarFailure == nil {
        let tokens = unsafe Span(_unsafeStart: offsets, count: count)
        grammarFailure = build(
          tokens, of: source.span, start..<end, from: range.lowerBound, &expected)
      }
      start = end
    }
    if let failure = byteFailure ?? grammarFailure { return failure }
    guard expected != .nothing else { return nil }
    return entries.isEmpty ? .empty : .truncated
  }

  /// Parses elements of an array without its brackets: they are those of the root.
  mutating func parseElements(
    _ source: [UInt8], _ range: Range<Int>, mended: MendedEscapes
  ) -> Failure? {
    reset(source, [])
    self.mended = mended
    _ = push(range.lowerBound, isObject: false)
    var offsets: UnsafePointer<UInt32>? = nil
    var count = 0
    if let failure = unsafe index(source, range, &offsets, &count) { return failure }
    guard let offsets = unsafe offsets else { return .empty }
    var expected = Expectation.value
    let tokens = unsafe Span(_unsafeStart: offsets, count: count)
    if let failure = build(tokens, of: source.span, range, from: range.lowerBound, &expected) {
      return failure
    }
    guard expected == .commaOrEnd, depth == 1, close(range.upperBound - 1, isObject: false) else {
      return .truncated
    }
    return nil
  }

  /// Begins an array that was just pushed, if it is one to be sliced.
  mutating func beginSlices(_ at: Int) {
    guard let slicing, depth > 1, depth <= Self.slicedDepth, frame.entry > 0 else { return }
    let key = JSONValue(index: frame.entry - 1)
    guard kind(key) == .key, !self[key].flags.contains(.escaped),
      slicing.names.contains(where: { equals(key, $0) })
    else { return }
    frame.isSliced = true
    slicedArrays.append(SlicedArray(JSONValue(index: frame.entry), elementsAt: at + 1))
  }

  /// Takes the element that ends at an offset off the tape.
  mutating func passElement(_ at: Int, isLast: Bool) {
    guard let slicing, entries.count > frame.entry + 1 else { return }
    entries.removeSubrange((frame.entry + 1)...)
    slicedArrays[slicedArrays.count - 1].pass(to: at, slicing, isLast: isLast)
  }

  /// Adds a value of another tape of the same source, for elements to refer to beside the root.
  mutating func add(_ value: JSONValue, of other: borrowing JSONTape) -> JSONValue {
    let place = entries.count
    for index in value.index..<Int(other.entries[value.index].next) {
      var entry = other.entries[index]
      entry.next = UInt32(Int(entry.next) - value.index + place)
      entries.append(entry)
    }
    return JSONValue(index: place)
  }

  /// The slices of an array whose elements are not on the tape.
  func slices(of array: JSONValue) -> SlicedArray? {
    guard !slicedArrays.isEmpty else { return nil }
    return slicedArrays.first { $0.array == array }
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
