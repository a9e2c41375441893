internal import CSimdjson

/// Puts documents on a tape, a token at a time: what that needs from token to token and from record to record.
///
/// A class, so that a ``JSONTape`` is short; each belongs to one.
@safe
final class TapeBuilder {
  typealias Entry = JSONTape.Entry
  typealias Flags = JSONTape.Flags
  typealias Failure = JSONTape.Failure

  /// What may stand next; after ``tooDeep`` nothing does.
  enum Expectation { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, nothing, tooDeep }

  /// Entries whose memory is kept from record to record.
  private static let keptEntries = 1 << 17

  private let indexer: OpaquePointer
  var entries = TapeEntries(capacity: 1 << 10)
  private(set) var mended = MendedEscapes()
  private(set) var backslashes = Backslashes()
  var slicing: Slicing?
  var slicedArrays: [SlicedArray] = []
  private var frame = Frame()
  private var outer: [Frame] = []

  init?() {
    guard let made = unsafe convoy_json_indexer_make() else { return nil }
    unsafe indexer = unsafe made
  }

  deinit { unsafe convoy_json_indexer_free(indexer) }

  func shrink() {
    backslashes.clear()
    slicedArrays = []
    entries.clear(keeping: Self.keptEntries)
  }

  /// As ``JSONTape/parse(_:_:mended:slicing:)``.
  func parse(
    _ source: borrowing Span<UInt8>, _ range: Range<Int>, mended: MendedEscapes, slicing: Slicing?
  ) -> Failure? {
    reset(mended)
    guard let slicing, range.count > slicing.byteLimit else {
      var expected = Expectation.value
      if let failure = add(source, range, from: range.lowerBound, &expected) { return failure }
      return expected == .nothing ? nil : .truncated
    }
    self.slicing = slicing
    return parsePieces(source, range, slicing)
  }

  /// As ``JSONTape/parseElements(_:_:mended:)``.
  func parseElements(
    _ source: borrowing Span<UInt8>, _ range: Range<Int>, mended: MendedEscapes
  ) -> Failure? {
    reset(mended)
    var cursor = begin(tokens: 1)
    push(range.lowerBound, isObject: false, &cursor)
    end(&cursor)
    var expected = Expectation.value
    if let failure = add(source, range, from: range.lowerBound, &expected) { return failure }
    cursor = begin(tokens: 0)
    guard expected == .commaOrEnd, cursor.depth == 1, !cursor.frame.isObject else {
      return .truncated
    }
    close(range.upperBound - 1, &cursor, of: source)
    end(&cursor)
    return nil
  }

  private func reset(_ mended: MendedEscapes) {
    self.mended = mended
    backslashes.clear()
    entries.count = 0
    outer.removeAll(keepingCapacity: true)
    slicedArrays.removeAll()
    slicing = nil
    frame = Frame()
  }

  /// The place to write so many tokens at; none makes more than one entry.
  private func begin(tokens: Int) -> Cursor {
    entries.reserve(tokens)
    var cursor = unsafe Cursor(
      room: entries.base, count: entries.count, frame: frame, depth: outer.count)
    swap(&cursor.outer, &outer)
    return cursor
  }

  private func end(_ cursor: inout Cursor) {
    entries.count = cursor.count
    frame = cursor.frame
    swap(&cursor.outer, &outer)
  }

  /// Indexes a piece of the source and adds it to the tape; `base` is where the source's one value is looked for.
  func add(
    _ source: borrowing Span<UInt8>, _ piece: Range<Int>, from base: Int,
    _ expected: inout Expectation
  ) -> Failure? {
    var tokens: UnsafePointer<UInt32>? = nil
    var count = 0
    if let failure = unsafe index(source, piece, &tokens, &count) { return failure }
    guard let tokens = unsafe tokens, count > 0 else { return .empty }
    return unsafe build(tokens, count, of: source, piece, from: base, &expected)
  }

  /// Finds the structure of a stretch of the source; `offsets` are good until the next one.
  func index(
    _ source: borrowing Span<UInt8>, _ range: Range<Int>, _ offsets: inout UnsafePointer<UInt32>?,
    _ count: inout Int
  ) -> Failure? {
    let status = unsafe source.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return CONVOY_JSON_EMPTY }
      return unsafe convoy_json_index(
        indexer, start + range.lowerBound, range.count, &offsets, &count)
    }
    switch status {
    case CONVOY_JSON_OK:
      backslashes.find(in: source, range)
      return nil
    case CONVOY_JSON_EMPTY: return .empty
    case CONVOY_JSON_UTF8: return .notUTF8
    case CONVOY_JSON_UNCLOSED_STRING: return .truncated
    case CONVOY_JSON_CONTROL_CHARACTER: return .controlCharacter
    default: return .memory
    }
  }

  /// Adds the tokens of a piece of the source to the tape: offsets in the piece, in rising order.
  func build(
    _ tokens: UnsafePointer<UInt32>, _ tokenCount: Int, of source: borrowing Span<UInt8>,
    _ piece: Range<Int>, from base: Int, _ expected: inout Expectation
  ) -> Failure? {
    unsafe precondition(
      tokenCount > 0 && tokens[tokenCount - 1] < piece.count && piece.upperBound <= source.count,
      "tokens of another piece")
    var cursor = begin(tokens: tokenCount)
    let failed = unsafe source.withUnsafeBufferPointer { buffer -> Int? in
      guard let text = buffer.baseAddress else { return 0 }
      return unsafe run(tokens, tokenCount, text, of: source, piece, &cursor, &expected)
    }
    end(&cursor)
    guard let failed else { return nil }
    // Only a container that may stand there is too deep.
    let isDeep = cursor.depth == JSONTape.depthLimit && expected == .tooDeep
    return isDeep ? .tooDeep(offset: failed - base) : .syntax(offset: failed - base)
  }

  /// Goes over the tokens; what the loop does for each is a few dozen instructions, without checks that
  /// ``build(_:_:of:_:from:_:)`` has made for all.
  ///
  /// - Returns: where in the source no value can be.
  private func run(
    _ tokens: UnsafePointer<UInt32>, _ tokenCount: Int, _ text: UnsafePointer<UInt8>,
    of source: borrowing Span<UInt8>, _ piece: Range<Int>, _ cursor: inout Cursor,
    _ next: inout Expectation
  ) -> Int? {
    let isSlicing = slicing != nil
    let start = piece.lowerBound
    var expected = next
    defer { next = expected }
    // Those outside of strings are the mistake of another token.
    var backslash = backslashes.first(in: piece) ?? piece.upperBound
    var index = 0
    while index < tokenCount {
      let at = start &+ Int(unsafe tokens[index])
      index &+= 1
      let isLast = index == tokenCount
      let limit = isLast ? piece.upperBound : start &+ Int(unsafe tokens[index])
      let byte = unsafe text[at]
      switch byte {
      case UInt8(ascii: "\""):
        let isKey = expected == .key || expected == .keyOrEnd
        guard isKey || expected == .value || expected == .valueOrEnd else { return at }
        var end = limit &- 1
        if unsafe end == at || text[end] != UInt8(ascii: "\"") {
          guard let found = Self.stringEnd(at, limit, of: source) else { return at }
          end = found
        }
        var flags: Flags = []
        if backslash < end {
          guard let found = escapes(&backslash, at + 1..<end, of: source) else { return at }
          flags = found
        }
        cursor.append(isKey ? .key : .string, flags, at &+ 1, end)
        if isKey {
          unsafe cursor.frame.note(text + at + 1, end &- at &- 1, flags)
          // Most tokens are taken with the one before them, which settles what they have to be.
          let isColon = unsafe !isLast && text[limit] == UInt8(ascii: ":")
          index &+= isColon ? 1 : 0
          expected = isColon ? .value : .colon
          continue
        }
      case UInt8(ascii: ":"):
        guard expected == .colon else { return at }
        expected = .value
        continue
      case UInt8(ascii: ","):
        guard expected == .commaOrEnd else { return at }
        if cursor.frame.isSliced { passElement(at, isLast: false, &cursor) }
        expected = cursor.frame.isObject ? .key : .value
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard expected == .value || expected == .valueOrEnd else { return at }
        guard cursor.depth < JSONTape.depthLimit else {
          expected = .tooDeep
          return at
        }
        let isObject = byte == UInt8(ascii: "{")
        push(at, isObject: isObject, &cursor)
        if !isObject, isSlicing { beginSlices(at, &cursor, of: source) }
        expected = isObject ? .keyOrEnd : .valueOrEnd
        continue
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        let isObject = byte == UInt8(ascii: "}")
        guard expected == .commaOrEnd || expected == (isObject ? .keyOrEnd : .valueOrEnd),
          cursor.frame.isObject == isObject, cursor.depth > 0
        else { return at }
        if cursor.frame.isSliced { passElement(at, isLast: true, &cursor) }
        close(at, &cursor, of: source)
      default:
        guard expected == .value || expected == .valueOrEnd else { return at }
        if unsafe byte == UInt8(ascii: "n") && limit == at &+ 4 && isNull(text + at) {
          cursor.append(.null, [], at, limit)
        } else {
          guard let scalar = Self.scalar(at, limit, of: source) else { return at }
          cursor.append(scalar.kind, scalar.flags, at, scalar.end)
        }
      }
      expected = cursor.depth == 0 ? .nothing : .commaOrEnd
      if unsafe !isLast && text[limit] == UInt8(ascii: ",") && cursor.depth > 0
        && !cursor.frame.isSliced
      {
        index &+= 1
        expected = cursor.frame.isObject ? .key : .value
      }
    }
    return nil
  }

  /// What a string with escapes has, of which `backslash` is the first; that of a later string then.
  @inline(never)
  private func escapes(
    _ backslash: inout Int, _ string: Range<Int>, of source: borrowing Span<UInt8>
  ) -> Flags? {
    let end = backslashes.range.upperBound
    defer { backslash = backslashes.first(in: string.upperBound..<end) ?? end }
    guard let first = backslashes.first(in: string) else { return [] }
    return Self.escapes(first, string.upperBound, of: source, backslashes, mended)
  }

  private func push(_ at: Int, isObject: Bool, _ cursor: inout Cursor) {
    cursor.outer.append(cursor.frame)
    cursor.frame = Frame(entry: cursor.count, isObject: isObject)
    cursor.depth += 1
    cursor.append(isObject ? .object : .array, [], at, 0)
  }

  private func close(_ at: Int, _ cursor: inout Cursor, of source: borrowing Span<UInt8>) {
    guard let around = cursor.outer.popLast() else { return }
    let closed = cursor.frame.entry
    unsafe cursor.room[closed].end = UInt32(truncatingIfNeeded: at + 1)
    unsafe cursor.room[closed].next = UInt32(truncatingIfNeeded: cursor.count)
    if cursor.frame.mayRepeat { markRepeatedKeys(of: closed, cursor, of: source) }
    cursor.frame = around
    cursor.depth -= 1
    cursor.inherit(unsafe cursor.room[closed].flags)
  }
}

/// Whether the four bytes are `null`.
@inline(__always)
private func isNull(_ bytes: UnsafePointer<UInt8>) -> Bool {
  unsafe UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self).littleEndian == 0x6C6C_756E
}
