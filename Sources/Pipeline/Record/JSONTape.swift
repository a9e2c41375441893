/// One JSON document as a flat list of values over its own bytes; reused from record to record.
///
/// simdjson finds structure and checks UTF-8; the grammar, escapes, duplicate keys and ends of values
/// are settled by a ``TapeBuilder``, once, so that what follows copies ranges of the source instead of building
/// values. Numbers keep the text they were written with and strings are decoded only where they are used.
/// Entries cost 16 bytes a value; memory stays at the densest record seen until ``shrink()``.
///
/// It is lent a dozen times for each message, so it is four words and everything else is the builder's.
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
    /// A string or key with a character written by its number, as `\u00e9`.
    static let numbered = Flags(rawValue: 64)

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

  private(set) var bytes: [UInt8] = []
  /// The builder's, until it builds again.
  private var entries: UnsafeMutablePointer<Entry>
  private(set) var count = 0
  private let builder: TapeBuilder

  init?() {
    guard let made = TapeBuilder() else { return nil }
    builder = made
    unsafe entries = unsafe made.entries.base
  }

  /// The document's value; only after a parse that returned nil.
  var root: JSONValue { JSONValue(index: 0) }

  subscript(value: JSONValue) -> Entry {
    @inline(__always) get {
      precondition(value.index < count, "value of another tape")
      return unsafe entries[value.index]
    }
  }

  /// Escapes of the source that are not its own.
  var mended: MendedEscapes { builder.mended }

  /// Arrays of the document whose elements are not on the tape.
  var slicedArrays: [SlicedArray] { builder.slicedArrays }

  /// Gives back the memory an unusually dense or large record needed.
  mutating func shrink() {
    bytes = []
    builder.shrink()
    show()
  }

  /// Parses `range` of `source`, which must hold exactly one JSON value and white space.
  ///
  /// Offsets of entries count from the start of `source`, which the tape keeps until the next parse;
  /// `mended` are those of the escapes in it that are not the source's own. With `slicing`, a source longer
  /// than its limit may leave arrays without their elements: those are ``slicedArrays``.
  mutating func parse(
    _ source: [UInt8], _ range: Range<Int>, mended: [Int] = [], slicing: Slicing? = nil
  ) -> Failure? {
    bytes = source
    defer { show() }
    return builder.parse(
      source.span, range, mended: MendedEscapes(offsets: mended), slicing: slicing)
  }

  /// Parses elements of an array without its brackets: they are those of the root.
  mutating func parseElements(
    _ source: [UInt8], _ range: Range<Int>, mended: MendedEscapes
  ) -> Failure? {
    bytes = source
    defer { show() }
    return builder.parseElements(source.span, range, mended: mended)
  }

  /// Adds a value of another tape of the same source, for elements to refer to beside the root.
  mutating func add(_ value: JSONValue, of other: borrowing JSONTape) -> JSONValue {
    defer { show() }
    return builder.add(value, of: other)
  }

  /// Appends the text of a string or key that has escapes.
  ///
  /// - Returns: how many code units were refused.
  func appendUnescaped(_ entry: Entry, refused: RefusedText, to out: inout [UInt8]) -> Int {
    // Lent as a buffer: a closure that captured the array would count a reference for each text.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      builder.appendDecoded(
        entry, of: unsafe Span(_unsafeElements: buffer), refused: refused, to: &out)
    }
  }

  /// The slices of an array whose elements are not on the tape.
  func slices(of array: JSONValue) -> SlicedArray? {
    slicedArrays.first { $0.array == array }
  }

  private mutating func show() {
    unsafe entries = unsafe builder.entries.base
    count = builder.entries.count
  }
}
