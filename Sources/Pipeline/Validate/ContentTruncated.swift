/// `content.truncated`: a preview of a text in place of the text.
///
/// It says so at its end, as `… [truncated 1200 chars]`, or a field beside it does, as `result_truncated`.
enum ContentTruncated {
  /// A remark of this length, or less, is looked for.
  private static let longestRemarkBytes = 64

  static func isBroken(byText range: Range<Int>, of tape: borrowing JSONTape) -> Bool {
    guard range.count >= 11 else { return false }
    let opening: UInt8
    switch tape.bytes[range.upperBound - 1] {
    case UInt8(ascii: "]"): opening = UInt8(ascii: "[")
    case UInt8(ascii: ")"): opening = UInt8(ascii: "(")
    case UInt8(ascii: ">"): opening = UInt8(ascii: "<")
    default: return false
    }
    var start = range.upperBound - 2
    while start > max(range.lowerBound, range.upperBound - longestRemarkBytes),
      tape.bytes[start] != opening
    {
      start -= 1
    }
    guard tape.bytes[start] == opening else { return false }
    let remark = String(decoding: tape.bytes[start..<range.upperBound], as: UTF8.self).lowercased()
    return remark.contains("truncated")
      || ["more characters", "more chars", "more bytes"].contains { remark.contains($0) }
  }

  static func isBroken(
    byFields entries: ArraySlice<MetadataEntry>, of tape: borrowing JSONTape
  ) -> Bool {
    for entry in entries {
      guard case .key(let key) = entry.name, case .value(let value) = entry.value,
        tape.kind(value) == .true_
      else { continue }
      let name = tape.range(key)
      guard name.count >= 9 else { continue }
      if tape.bytes.span.reads("truncated", at: name.upperBound - 9, within: name) { return true }
    }
    return false
  }
}
