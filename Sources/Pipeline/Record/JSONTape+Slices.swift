/// Which arrays of a long document are left without their elements, to be parsed a slice at a time.
struct Slicing {
  /// The key such an array stands under, in the document or one level below.
  var name: StaticString
  /// Elements of a slice at most.
  var elementLimit: Int
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
  fileprivate mutating func pass(to end: Int, _ elementLimit: Int, isLast: Bool) {
    count += 1
    guard isLast || count - first >= elementLimit || end - start >= JSONTape.sliceBytes else {
      return
    }
    slices.append(Slice(range: start..<end, first: first, count: count - first))
    start = end + 1
    first = count
  }
}

/// Documents too long for a tape of all their values: 16 bytes each, and as many again while it grows, would
/// be many times the text.
extension JSONTape {
  /// Bytes of a slice, or of its last element where that is longer; sources up to this are parsed whole.
  static let sliceBytes = 256 << 10
  /// Arrays below this many containers are no document's own.
  private static let slicedDepth = 3

  /// Parses a long source piece by piece, cut at commas outside of strings.
  mutating func parsePieces(_ source: [UInt8], _ range: Range<Int>) -> Failure? {
    var expected = Expectation.value
    // What is wrong with bytes anywhere is told before what is wrong with their order, as it is of a source
    // that is indexed as one.
    var byteFailure: Failure?
    var grammarFailure: Failure?
    var scanner = DepthScanner()
    var start = range.lowerBound
    while start < range.upperBound {
      let end = scanner.pieceEnd(
        source.span, start..<range.upperBound, leastBytes: Self.sliceBytes)
      var offsets: UnsafePointer<UInt32>? = nil
      var count = 0
      if let failure = unsafe index(source, start..<end, &offsets, &count) {
        byteFailure = Failure.first(byteFailure, failure)
      } else if let offsets = unsafe offsets, byteFailure == nil, grammarFailure == nil {
        let tokens = unsafe Span(_unsafeStart: offsets, count: count)
        grammarFailure = build(
          tokens, of: source.span, start..<end, from: range.lowerBound, &expected)
      }
      start = end
    }
    if let failure = byteFailure ?? grammarFailure { return failure }
    return expected == .nothing ? nil : .truncated
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
    guard kind(key) == .key, !self[key].flags.contains(.escaped), equals(key, slicing.name) else {
      return
    }
    frame.isSliced = true
    slicedArrays.append(SlicedArray(JSONValue(index: frame.entry), elementsAt: at + 1))
  }

  /// Takes the element that ends at an offset off the tape.
  mutating func passElement(_ at: Int, isLast: Bool) {
    guard let slicing, entries.count > frame.entry + 1 else { return }
    entries.removeSubrange((frame.entry + 1)...)
    slicedArrays[slicedArrays.count - 1].pass(to: at, slicing.elementLimit, isLast: isLast)
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
  /// Where a piece of at least so many bytes ends: behind a comma outside of strings, or at the end.
  mutating func pieceEnd(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, leastBytes: Int
  ) -> Int {
    var at = range.lowerBound
    let least = min(range.lowerBound + leastBytes, range.upperBound)
    while at < range.upperBound {
      let byte = bytes[at]
      step(byte)
      at += 1
      if inString {
        at = skipString(bytes, from: at)
      } else if byte == UInt8(ascii: ","), at >= least {
        return min(at, range.upperBound)
      }
    }
    return range.upperBound
  }
}
