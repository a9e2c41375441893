internal import CSimdjson

#if canImport(Glibc)
  internal import Glibc
#endif

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
  private(set) var entries: [Entry] = []
  private var open: [Frame] = []

  private struct Frame {
    var entry: Int
    var isObject: Bool
    /// One bit a key, from its length and ends; only when a bit repeats are keys compared.
    var keyBits: UInt64
    var mayRepeat: Bool
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
    if entries.capacity > 1 << 16 { entries = [] }
  }

  /// Parses `range` of `source`, which must hold exactly one JSON value and white space.
  ///
  /// Offsets of entries count from the start of `source`, which the tape keeps until the next parse.
  mutating func parse(_ source: [UInt8], _ range: Range<Int>) -> Failure? {
    bytes = source
    entries.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    var offsets: UnsafePointer<UInt32>? = nil
    var count = 0
    let status = unsafe source.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return CONVOY_JSON_EMPTY }
      return unsafe convoy_json_index(
        indexer, start + range.lowerBound, range.count, &offsets, &count)
    }
    switch status {
    case CONVOY_JSON_OK: break
    case CONVOY_JSON_EMPTY: return .empty
    case CONVOY_JSON_UTF8: return .notUTF8
    case CONVOY_JSON_UNCLOSED_STRING: return .truncated
    case CONVOY_JSON_CONTROL_CHARACTER: return .controlCharacter
    default: return .memory
    }
    guard let offsets = unsafe offsets else { return .empty }
    let tokens = unsafe Span(_unsafeStart: offsets, count: count)
    return build(tokens, range)
  }

  private enum Expectation { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, nothing }

  private mutating func build(_ tokens: borrowing Span<UInt32>, _ range: Range<Int>) -> Failure? {
    var expected = Expectation.value
    let base = range.lowerBound
    for index in tokens.indices {
      let at = base + Int(tokens[index])
      let limit = index + 1 < tokens.count ? base + Int(tokens[index + 1]) : range.upperBound
      let byte = bytes[at]
      switch (byte, expected) {
      case (UInt8(ascii: "{"), .value), (UInt8(ascii: "{"), .valueOrEnd):
        guard push(at, isObject: true) else { return .tooDeep(offset: at - base) }
        expected = .keyOrEnd
      case (UInt8(ascii: "["), .value), (UInt8(ascii: "["), .valueOrEnd):
        guard push(at, isObject: false) else { return .tooDeep(offset: at - base) }
        expected = .valueOrEnd
      case (UInt8(ascii: "}"), .keyOrEnd), (UInt8(ascii: "}"), .commaOrEnd),
        (UInt8(ascii: "]"), .valueOrEnd), (UInt8(ascii: "]"), .commaOrEnd):
        guard close(at, isObject: byte == UInt8(ascii: "}")) else {
          return .syntax(offset: at - base)
        }
        expected = open.isEmpty ? .nothing : .commaOrEnd
      case (UInt8(ascii: "\""), .key), (UInt8(ascii: "\""), .keyOrEnd):
        guard string(at, limit, kind: .key) else { return .syntax(offset: at - base) }
        noteKey()
        expected = .colon
      case (UInt8(ascii: "\""), .value), (UInt8(ascii: "\""), .valueOrEnd):
        guard string(at, limit, kind: .string) else { return .syntax(offset: at - base) }
        expected = open.isEmpty ? .nothing : .commaOrEnd
      case (UInt8(ascii: ":"), .colon):
        expected = .value
      case (UInt8(ascii: ","), .commaOrEnd):
        expected = open[open.count - 1].isObject ? .key : .value
      case (_, .value), (_, .valueOrEnd):
        guard scalar(at, limit) else { return .syntax(offset: at - base) }
        expected = open.isEmpty ? .nothing : .commaOrEnd
      default:
        return .syntax(offset: at - base)
      }
    }
    return expected == .nothing ? nil : .truncated
  }

  private mutating func push(_ at: Int, isObject: Bool) -> Bool {
    guard open.count < Self.depthLimit else { return false }
    open.append(Frame(entry: entries.count, isObject: isObject, keyBits: 0, mayRepeat: false))
    entries.append(
      Entry(
        kind: isObject ? .object : .array, flags: [], start: UInt32(at), end: 0, next: 0))
    return true
  }

  private mutating func close(_ at: Int, isObject: Bool) -> Bool {
    guard let frame = open.popLast(), frame.isObject == isObject else { return false }
    entries[frame.entry].end = UInt32(at + 1)
    entries[frame.entry].next = UInt32(entries.count)
    if frame.mayRepeat { markRepeatedKeys(of: frame.entry) }
    inherit(entries[frame.entry].flags)
    return true
  }

  private mutating func inherit(_ flags: Flags) {
    let unfit = flags.intersection(.unfit)
    guard !unfit.isEmpty, let parent = open.last else { return }
    entries[parent.entry].flags.formUnion(unfit)
  }

  private mutating func noteKey() {
    let key = entries[entries.count - 1]
    let frame = open.count - 1
    guard !key.flags.contains(.escaped), key.end > key.start else {
      open[frame].mayRepeat = true
      return
    }
    let first = UInt64(bytes[Int(key.start)])
    let middle = UInt64(bytes[Int((key.start + key.end) / 2)])
    let last = UInt64(bytes[Int(key.end) - 1])
    let mixed = (UInt64(key.end - key.start) &* 0x9E37 ^ first &* 0x85EB ^ middle &* 0xC2B3 ^ last)
    let bit = UInt64(1) << ((mixed &* 0x9E37_79B9_7F4A_7C15) >> 58)
    if open[frame].keyBits & bit != 0 { open[frame].mayRepeat = true }
    open[frame].keyBits |= bit
  }

  private mutating func markRepeatedKeys(of object: Int) {
    var keys: [Int] = []
    var isPlain = true
    var index = object + 1
    while index < Int(entries[object].next) {
      keys.append(index)
      if entries[index].flags.contains(.escaped) { isPlain = false }
      index = Int(entries[index + 1].next)
    }
    guard isPlain, keys.count <= 32 else {
      markRepeatedNames(keys, of: object)
      return
    }
    for later in keys.indices.dropFirst() {
      for earlier in 0..<later where isSameText(keys[earlier], keys[later]) {
        shadow(keys[earlier], of: object)
      }
    }
  }

  /// The general case: escaped keys, or so many that comparing each with each would take too long.
  private mutating func markRepeatedNames(_ keys: [Int], of object: Int) {
    var last: [[UInt8]: Int] = [:]
    for key in keys {
      if let earlier = last.updateValue(key, forKey: decoded(JSONValue(index: key))) {
        shadow(earlier, of: object)
      }
    }
  }

  private mutating func shadow(_ key: Int, of object: Int) {
    entries[key].flags.insert(.shadowed)
    entries[object].flags.insert(.duplicates)
  }

  private func isSameText(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (entries[left], entries[right])
    let length = Int(a.end - a.start)
    guard length == Int(b.end - b.start) else { return false }
    for offset in 0..<length where bytes[Int(a.start) + offset] != bytes[Int(b.start) + offset] {
      return false
    }
    return true
  }

  private mutating func string(_ at: Int, _ limit: Int, kind: Kind) -> Bool {
    var end = limit - 1
    while end > at, bytes[end] != UInt8(ascii: "\"") {
      guard isJSONSpace(bytes[end]) else { return false }
      end -= 1
    }
    guard end > at else { return false }
    guard let flags = escapes(at + 1, end) else { return false }
    entries.append(
      Entry(
        kind: kind, flags: flags, start: UInt32(at + 1), end: UInt32(end),
        next: UInt32(entries.count + 1)))
    inherit(flags)
    return true
  }

  /// Checks every escape of a string; nil if one is not JSON.
  private func escapes(_ start: Int, _ end: Int) -> Flags? {
    var flags: Flags = []
    var at = start
    while let backslash = bytes.firstIndex(of: UInt8(ascii: "\\"), in: at..<end) {
      flags.insert(.escaped)
      guard backslash + 1 < end else { return nil }
      switch bytes[backslash + 1] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
        UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        at = backslash + 2
      case UInt8(ascii: "u"):
        guard let unit = codeUnit(backslash, end) else { return nil }
        at = backslash + 6
        if unit == 0 { flags.insert(.nul) }
        if unit & 0xF800 == 0xD800 {
          if unit < 0xDC00, let low = codeUnit(at, end), low & 0xFC00 == 0xDC00 {
            at += 6
          } else {
            flags.insert(.surrogate)
          }
        }
      default: return nil
      }
    }
    return flags
  }

  /// The code unit of a `\uXXXX` that starts at `at`, if there is one.
  func codeUnit(_ at: Int, _ end: Int) -> UInt32? {
    guard at + 6 <= end, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var unit: UInt32 = 0
    for digit in at + 2..<at + 6 {
      guard let value = hexValue(bytes[digit]) else { return nil }
      unit = unit << 4 | value
    }
    return unit
  }

  private mutating func scalar(_ at: Int, _ limit: Int) -> Bool {
    var end = limit
    while end > at, isJSONSpace(bytes[end - 1]) { end -= 1 }
    let kind: Kind
    var flags: Flags = []
    switch bytes[at] {
    case UInt8(ascii: "t"):
      guard matches("true", at, end) else { return false }
      kind = .true_
    case UInt8(ascii: "f"):
      guard matches("false", at, end) else { return false }
      kind = .false_
    case UInt8(ascii: "n"):
      guard matches("null", at, end) else { return false }
      kind = .null
    default:
      guard let size = JSONNumber.check(bytes, at..<end) else { return false }
      kind = .number
      if size == .huge { flags.insert(.hugeNumber) }
    }
    entries.append(
      Entry(
        kind: kind, flags: flags, start: UInt32(at), end: UInt32(end),
        next: UInt32(entries.count + 1)))
    inherit(flags)
    return true
  }

  private func matches(_ literal: StaticString, _ start: Int, _ end: Int) -> Bool {
    guard end - start == literal.utf8CodeUnitCount else { return false }
    return unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return false }
      return unsafe memcmp(base + start, literal.utf8Start, end - start) == 0
    }
  }
}

/// White space as JSON has it (RFC 8259, section 2).
func isJSONSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}

/// Value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
