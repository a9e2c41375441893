/// Finds out whether an exporter doubled the backslashes of a JSON column.
///
/// The dashboard writes `\\n` for `\n` into a plain `'…'` literal, where a backslash is only itself. A
/// column is taken to be doubled if every run of backslashes in it is of even length, and at least one of
/// its values is no JSON as it stands but would be with half of them. Paths such as `C:\\Project` alone
/// are even too, but they are JSON as they stand.
struct DoubledBackslashes {
  private enum Verdict { case open, single }

  private var verdict = Verdict.open
  private var hasEvidence = false

  /// Whether the column is doubled, as far as its values have been seen.
  var isDoubled: Bool { verdict == .open && hasEvidence }

  /// Looks at one value's text.
  mutating func look(at text: [UInt8], _ tape: inout JSONTape) {
    guard verdict == .open, text.firstIndex(of: UInt8(ascii: "\\"), in: 0..<text.count) != nil
    else { return }
    guard let half = Self.undone(text) else {
      verdict = .single
      return
    }
    let isJSON = tape.parse(text, 0..<text.count) == nil
    if tape.parse(half, 0..<half.count) != nil {
      // Halved it would be damaged: these backslashes are the value's own.
      if isJSON { verdict = .single }
    } else if !isJSON {
      hasEvidence = true
    }
  }

  /// The text with half its backslashes; nil where a run of them is of odd length.
  static func undone(_ text: [UInt8]) -> [UInt8]? {
    var out: [UInt8] = []
    var at = 0
    while let hit = text.firstIndex(of: UInt8(ascii: "\\"), in: at..<text.count) {
      var end = hit
      while end < text.count, text[end] == UInt8(ascii: "\\") { end += 1 }
      guard (end - hit) % 2 == 0 else { return nil }
      out.append(at..<hit + (end - hit) / 2, of: text)
      at = end
    }
    out.append(at..<text.count, of: text)
    return out
  }
}
