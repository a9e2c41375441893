/// `content.history`: a user's message that holds the conversation so far besides what the user said; of
/// those that the pipeline strips of it `content.history-stripped` speaks instead.
///
/// The product put each prompt together so until 2025-10-17 and stored the whole; these are its marks.
enum ContentHistory {
  static func isBroken(byText range: Range<Int>, of tape: borrowing JSONTape) -> Bool {
    let bytes = tape.bytes.span
    var at = range.lowerBound
    while let mark = bytes.firstIndex(of: UInt8(ascii: "="), in: at..<range.upperBound) {
      if bytes.reads("=== CONVERSATION HISTORY", at: mark, within: range)
        || bytes.reads("=== NEW USER INPUT ===", at: mark, within: range)
        || bytes.reads("=== FILES REFERENCED IN THIS CONVERSATION ===", at: mark, within: range)
      {
        return true
      }
      at = mark + 1
    }
    return false
  }
}
