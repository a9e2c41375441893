/// The conversation so far, as the product put it before what a user said, and stored with it, until
/// 2025-10-17: the block, a line that announces the new input, the input, and instructions behind it.
enum HistoryBlock {
  /// Its first line, with which such a message begins.
  static let opening: StaticString = "=== CONVERSATION HISTORY (CONTINUATION) ==="
  /// Its last line.
  private static let closing: StaticString = "=== END CONVERSATION HISTORY ==="
  /// The line behind which the user's own text begins.
  private static let input: StaticString = "=== NEW USER INPUT ==="
  /// How the first line of the instructions begins; they differ with the turns that are left.
  private static let instructions: [StaticString] = [
    "CONVERSATION CONTINUATION:", "IMPORTANT: This is approaching the final exchange",
  ]

  /// Whether text, as it is or as it stands in JSON, begins as such a message does.
  static func isBegun(by text: Range<Int>, of bytes: borrowing Span<UInt8>) -> Bool {
    bytes.reads(opening, at: text.lowerBound, within: text)
  }

  /// Where the user's own text is in a message's; nil unless every mark is there, as a line and in order.
  ///
  /// Turns in the block may be of this form themselves, and so may what the user quotes: first and last
  /// lines of blocks pair up over the whole text, and the input is announced outside of all of them.
  static func ownText(in text: borrowing Span<UInt8>) -> Range<Int>? {
    let whole = 0..<text.count
    var depth = 0
    var blocks = 0
    var start: Int?
    var end: Int?
    var at = 0
    while at < text.count {
      let lineEnd = text.firstIndex(of: 0x0A, in: at..<text.count) ?? text.count
      let line = at..<lineEnd
      if text.isLine(opening, line) {
        if start == nil, depth == 0 { blocks += 1 }
        depth += 1
      } else if text.isLine(closing, line) {
        depth -= 1
      } else if depth == 0, start == nil {
        if text.isLine(input, line) { start = min(lineEnd + 1, text.count) }
      } else if depth == 0, instructions.contains(where: { text.reads($0, at: at, within: whole) })
      {
        end = at
      }
      // The block is the very first thing, and one.
      guard depth >= 0, blocks == 1 else { return nil }
      at = lineEnd + 1
    }
    guard depth == 0, let start, var end else { return nil }
    while end > start, text[end - 1] == 0x0A { end -= 1 }
    for place in start..<end where !isJSONSpace(text[place]) { return start..<end }
    return nil
  }
}

extension TransformPlan {
  /// Where the user's own text is in the content of a message, as the text policy leaves that; absent of
  /// messages that are stored whole.
  func ownText(
    of content: DraftText, as role: StoredRole, _ tape: borrowing JSONTape
  ) -> Rare<Range<Int>> {
    guard stripsHistoryBlocks, role == .user, case .value(let content) = content,
      tape.kind(content) == .string,
      HistoryBlock.isBegun(by: tape.range(content), of: tape.bytes.span)
    else { return .absent }
    var text: [UInt8] = []
    tape.appendDecoded(content, refused: refusedText, to: &text)
    return Rare(HistoryBlock.ownText(in: text.span))
  }
}

extension Span<UInt8> {
  /// Whether a line is this and nothing else.
  fileprivate func isLine(_ text: StaticString, _ line: Range<Int>) -> Bool {
    line.count == text.utf8CodeUnitCount && reads(text, at: line.lowerBound, within: line)
  }
}
