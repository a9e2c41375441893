internal import CSimdjson

/// One JSON document as a flat list of values over its own bytes; reused from record to record.
///
/// simdjson finds structure and checks UTF-8; the grammar, escapes, duplicate keys and ends of values
/// are settled here, once, so that what follows copies ranges of the source instead of building values.
/// Numbers keep the text they were written with and strings are decoded only where they are used.
/// Entries cost 16 bytes a value; memory stays at the densest record seen until ``shrink()``.
@safe
struct JSONTape: ~Copyable {
  /// Nesting beyond this is refused: PostgreSQL's own parser recurses on each level.
  static let depthLimit = 512

  enum Kind: UInt8 { case object, array, key, string, number, true_, false_, null }

  struct Flags: OptionSet {
    let rawValue: UInt8
    /// A string or key with at least one backslash.
    static let escaped = Flags(rawValue: 1)
    /// U+0000 inside, which PostgreSQL stores in neither text nor jsonb.
    static let nul = Flags(rawValue: 2)
    /// Half a surrogate pair inside; also what a byte that is not UTF-8 is mended into.
    static let surrogate = Flags(rawValue: 4)
    /// An object with a key that repeats.
    static let duplicates = Flags(rawValue: 8)
    /// A key that a later one of the same name replaces for ordinary readers.
    static let shadowed = Flags(rawValue: 16)
    /// A number outside what jsonb's numeric holds.
    static let hugeNumber = Flags(rawValue: 32)

    /// What a container inherits: its bytes cannot be passed on as they are.
    static let unfit: Flags = [.nul, .surrogate, .duplicates, .hugeNumber]
  }

  struct Entry {
    var kind: Kind
    var flags: Flags
    /// First byte; of a string, the one after the quote.
    var start: UInt32
    /// Past the last byte; of a string, its closing quote.
    var end: UInt32
    /// Index of the entry after this value, its members included.
    var next: UInt32
  }

  /// Why there is no tape.
  enum Failure: Equatable {
    case empty
    case syntax(offset: Int)
    case truncated
    case notUTF8
    case controlCharacter
    case tooDeep(offset: Int)
    case memory
  }

  private let indexer: OpaquePointer
  private(set) var bytes: [UInt8] = []
  var mended = MendedEscapes()
  /// Those of the stretch that was indexed last.
  var backslashes = Backslashes()
  var entries: [Entry] = []
  /// The innermost container that is still open, apart from those around it: every value looks at it.
  var frame = Frame()
  private var outer: [Frame] = []
  private(set) var depth = 0
  /// Which arrays are left without their elements, while a source is parsed so.
  var slicing: Slicing?
  /// Arrays of the document whose elements are not on the tape.
  var slicedArrays: [SlicedArray] = []

  struct Frame {
    var entry = 0
    var isObject = false
    /// One bit a key, from its length and ends; only when a bit repeats are keys compared.
    var keyBits: UInt64 = 0
    var mayRepeat = false
    /// Whether it is an array whose elements are taken off the tape once they have passed.
    var isSliced = false
  }

  init?() {
    guard let made = unsafe convoy_json_indexer_make() else { return nil }
    unsafe indexer = unsafe made
  }

  deinit { unsafe convoy_json_indexer_free(indexer) }

  /// The document's value; only after a parse that returned nil.
  var root: JSONValue { JSONValue(index: 0) }

  subscript(value: JSONValue) -> Entry { entries[value.index] }

  /// Gives back the memory an unusually dense or large record needed.
  mutating func shrink() {
    bytes = []
    backslashes.clear()
    slicedArrays = []
    if entries.capacity > 1 << 16 { entries = [] }
  }

  /// Parses `range` of `source`, which must hold exactly one JSON value and white space.
  ///
  /// Offsets of entries count from the start of `source`, which the tape keeps until the next parse;
  /// `mended` are those of the escapes in it that are not the source's own. With `slicing`, a source longer
  /// than its limit may leave arrays without their elements: those are ``slicedArrays``.
  mutating func parse(
    _ source: [UInt8], _ range: Range<Int>, mended: [Int] = [], slicing: Slicing? = nil
  ) -> Failure? {
    reset(source, mended)
    guard let slicing, range.count > slicing.byteLimit else {
      var offsets: UnsafePointer<UInt32>? = nil
      var count = 0
      if let failure = unsafe index(source, range, &offsets, &count) { return failure }
      guard let offsets = unsafe offsets else { return .empty }
      var expected = Expectation.value
      let tokens = unsafe Span(_unsafeStart: offsets, count: count)
      if let failure = build(tokens, of: source.span, range, from: range.lowerBound, &expected) {
        return failure
      }
      return expected == .nothing ? nil : .truncated
    }
    return parsePieces(source, range, slicing)
  }

  mutating func reset(_ source: [UInt8], _ mended: [Int]) {
    bytes = source
    self.mended = MendedEscapes(offsets: mended)
    backslashes.clear()
    entries.removeAll(keepingCapacity: true)
    outer.removeAll(keepingCapacity: true)
    slicedArrays.removeAll()
    slicing = nil
    frame = Frame()
    depth = 0
  }

  /// Finds the structure of a stretch of the source; `offsets` are good until the next one.
  mutating func index(
    _ source: [UInt8], _ range: Range<Int>, _ offsets: inout UnsafePointer<UInt32>?,
    _ count: inout Int
  ) -> Failure? {
    let status = unsafe source.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return CONVOY_JSON_EMPTY }
      return unsafe convoy_json_index(
        indexer, start + range.lowerBound, range.count, &offsets, &count)
    }
    switch status {
    case CONVOY_JSON_OK:
      backslashes.find(in: source.span, range)
      return nil
    case CONVOY_JSON_EMPTY: return .empty
    case CONVOY_JSON_UTF8: return .notUTF8
    case CONVOY_JSON_UNCLOSED_STRING: return .truncated
    case CONVOY_JSON_CONTROL_CHARACTER: return .controlCharacter
    default: return .memory
    }
  }

  enum Expectation { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, nothing }

  /// Adds a piece of the source to the tape; `base` is where the source's one value is looked for.
  ///
  /// `source` are the tape's own bytes, which as a part of it could not be borrowed while it grows.
  mutating func build(
    _ tokens: borrowing Span<UInt32>, of source: borrowing Span<UInt8>, _ piece: Range<Int>,
    from base: Int, _ next: inout Expectation
  ) -> Failure? {
    var expected = next
    defer { next = expected }
    let start = piece.lowerBound
    for index in tokens.indices {
      let at = start + Int(tokens[index])
      let limit = index + 1 < tokens.count ? start + Int(tokens[index + 1]) : piece.upperBound
      let byte = source[at]
      switch byte {
      case UInt8(ascii: "\""):
        switch expected {
        case .key, .keyOrEnd:
          guard string(at, limit, kind: .key, of: source) else {
            return .syntax(offset: at - base)
          }
          noteKey(of: source)
          expected = .colon
        case .value, .valueOrEnd:
          guard string(at, limit, kind: .string, of: source) else {
            return .syntax(offset: at - base)
          }
          expected = depth == 0 ? .nothing : .commaOrEnd
        case .colon, .commaOrEnd, .nothing: return .syntax(offset: at - base)
        }
      case UInt8(ascii: ":"):
        guard expected == .colon else { return .syntax(offset: at - base) }
        expected = .value
      case UInt8(ascii: ","):
        guard expected == .commaOrEnd else { return .syntax(offset: at - base) }
        if frame.isSliced { passElement(at, isLast: false) }
        expected = frame.isObject ? .key : .value
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard expected == .value || expected == .valueOrEnd else {
          return .syntax(offset: at - base)
        }
        let isObject = byte == UInt8(ascii: "{")
        guard push(at, isObject: isObject) else { return .tooDeep(offset: at - base) }
        if !isObject, slicing != nil { beginSlices(at) }
        expected = isObject ? .keyOrEnd : .valueOrEnd
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        let isObject = byte == UInt8(ascii: "}")
        guard expected == .commaOrEnd || expected == (isObject ? .keyOrEnd : .valueOrEnd) else {
          return .syntax(offset: at - base)
        }
        if frame.isSliced { passElement(at, isLast: true) }
        guard close(at, isObject: isObject) else { return .syntax(offset: at - base) }
        expected = depth == 0 ? .nothing : .commaOrEnd
      default:
        guard expected == .value || expected == .valueOrEnd, scalar(at, limit, of: source) else {
          return .syntax(offset: at - base)
        }
        expected = depth == 0 ? .nothing : .commaOrEnd
      }
    }
    return nil
  }

  mutating func push(_ at: Int, isObject: Bool) -> Bool {
    guard depth < Self.depthLimit else { return false }
    outer.append(frame)
    depth += 1
    frame = Frame(entry: entries.count, isObject: isObject)
    entries.append(
      Entry(
        kind: isObject ? .object : .array, flags: [], start: UInt32(at), end: 0, next: 0))
    return true
  }

  mutating func close(_ at: Int, isObject: Bool) -> Bool {
    guard frame.isObject == isObject, let around = outer.popLast() else { return false }
    let closed = frame.entry
    entries[closed].end = UInt32(at + 1)
    entries[closed].next = UInt32(entries.count)
    if frame.mayRepeat { markRepeatedKeys(of: closed) }
    frame = around
    depth -= 1
    inherit(entries[closed].flags)
    return true
  }

  @inline(__always)
  mutating func inherit(_ flags: Flags) {
    let unfit = flags.intersection(.unfit)
    guard !unfit.isEmpty, depth > 0 else { return }
    entries[frame.entry].flags.formUnion(unfit)
  }
}
