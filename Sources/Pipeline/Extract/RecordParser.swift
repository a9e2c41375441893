/// Parses one record and, where its bytes alone are damaged, mends them first.
struct RecordParser: ~Copyable {
  var tape: JSONTape
  /// What the last record had wrong with its bytes; the tape is then of mended bytes.
  private(set) var damage: JSONMending.Damage?
  /// Offsets of the escapes in mended bytes, which begin where the record did.
  private var escapes: [Int] = []
  private var recordStart = 0
  /// The record's tape while ``tape`` is of a slice of it.
  private var spare: JSONTape

  init() throws(RunError) {
    guard let tape = JSONTape(), let spare = JSONTape() else {
      throw RunError(.failed, "out of memory")
    }
    self.tape = tape
    self.spare = spare
  }

  /// Puts a record on the tape.
  ///
  /// `slicing` is as of ``JSONTape/parse(_:_:mended:slicing:)``.
  /// - Returns: why it cannot be read, or nil.
  mutating func parse(
    _ bytes: [UInt8], _ range: Range<Int>, slicing: Slicing? = nil
  ) -> Refusal? {
    damage = nil
    guard var failure = tape.parse(bytes, range, slicing: slicing) else { return nil }
    if failure == .notUTF8 || failure == .controlCharacter || failure == .truncated {
      let mended = JSONMending.mend(bytes, range)
      if mended.damage != JSONMending.Damage() {
        damage = mended.damage
        escapes = mended.escapes
        recordStart = range.lowerBound
        guard
          let remaining = tape.parse(
            mended.bytes, 0..<mended.bytes.count, mended: escapes, slicing: slicing)
        else { return nil }
        failure = remaining
      }
    }
    return Self.refusal(failure)
  }

  /// Puts some elements of an array of the record on the tape, as an array of its own, in place of the record.
  ///
  /// - Returns: `kept`, a value of the record, as one of the slice's tape.
  /// - Throws: ``RunError`` for elements that cannot be read, though they could while the record was.
  @discardableResult
  mutating func beginSlice(
    _ range: Range<Int>, keeping kept: JSONValue? = nil
  ) throws(RunError) -> JSONValue? {
    swap(&tape, &spare)
    if let failure = tape.parseElements(spare.bytes, range, mended: spare.mended) {
      throw RunError(.failed, "a slice of a record: \(Self.refusal(failure).message)")
    }
    guard let kept else { return nil }
    return tape.add(kept, of: spare)
  }

  /// Puts the record back on the tape.
  mutating func endSlice() {
    tape.shrink()
    swap(&tape, &spare)
  }

  /// Where a value's text is in the bytes the last record was parsed from.
  func sourceRange(_ value: JSONValue) -> Range<Int> {
    let range = tape.sourceRange(value)
    guard damage != nil else { return range }
    let start = recordStart + JSONMending.sourceOffset(range.lowerBound, escapes: escapes)
    return start..<recordStart + JSONMending.sourceOffset(range.upperBound, escapes: escapes)
  }

  static func refusal(_ failure: JSONTape.Failure) -> Refusal {
    switch failure {
    case .empty: Refusal(rule: .jsonSyntax, message: "the record is empty")
    case .syntax(let offset):
      Refusal(rule: .jsonSyntax, message: "not JSON at byte \(offset) of the record")
    case .truncated: Refusal(rule: .jsonTruncated, message: "the record ends before its JSON does")
    case .notUTF8:
      Refusal(rule: .jsonSyntax, message: "bytes outside any string are not UTF-8")
    case .controlCharacter:
      Refusal(rule: .jsonSyntax, message: "a control character stands outside any string")
    case .tooDeep(let offset):
      Refusal(
        rule: .jsonDepth,
        message: "nested deeper than \(JSONTape.depthLimit) at byte \(offset) of the record")
    case .memory: Refusal(rule: .recordTooLarge, message: "no memory to index the record")
    }
  }
}
