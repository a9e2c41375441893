/// Finds where the tokens of SQL text end, as PostgreSQL's own lexer does (PostgreSQL 17, section 4.1).
///
/// Each function answers nil where the bytes end before what it looks for does: more have to be read, or the
/// text is cut off.
extension Span<UInt8> {
  /// The first byte from `at` on that is neither white space nor in a comment; comments nest.
  func sqlToken(from at: Int) -> Int? {
    var at = at
    while at < count {
      let byte = self[at]
      if isSQLSpace(byte) {
        at += 1
      } else if byte == UInt8(ascii: "-"), at + 1 >= count {
        return nil
      } else if byte == UInt8(ascii: "-"), self[at + 1] == UInt8(ascii: "-") {
        // A lone carriage return ends a line too, and may be all the ends there are.
        while at < count, self[at] != 0x0A, self[at] != 0x0D { at += 1 }
        guard at < count else { return nil }
        at += 1
      } else if byte == UInt8(ascii: "/"), at + 1 >= count {
        return nil
      } else if byte == UInt8(ascii: "/"), self[at + 1] == UInt8(ascii: "*") {
        guard let end = commentEnd(from: at + 2) else { return nil }
        at = end
      } else {
        return at
      }
    }
    return nil
  }

  /// Behind the block comment whose text begins at `start`.
  private func commentEnd(from start: Int) -> Int? {
    var (at, depth) = (start, 1)
    while at + 1 < count {
      switch (self[at], self[at + 1]) {
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        at += 2
        depth -= 1
        if depth == 0 { return at }
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        at += 2
        depth += 1
      default: at += 1
      }
    }
    return nil
  }

  /// Behind the closing quote of the text or name that begins behind its opening one, at `start`.
  ///
  /// A quote stands for itself when it is doubled, and behind a backslash where `escapes` is true. A quote
  /// that is the last byte may be the first of two, so it answers nil.
  func sqlQuoteEnd(_ quote: UInt8, from start: Int, escapes: Bool) -> Int? {
    var at = start
    while let hit = firstIndex(of: quote, in: at..<count) {
      if escapes {
        var backslashes = 0
        while hit - backslashes > at, self[hit - backslashes - 1] == UInt8(ascii: "\\") {
          backslashes += 1
        }
        if backslashes % 2 == 1 {
          at = hit + 1
          continue
        }
      }
      guard hit + 1 < count else { return nil }
      guard self[hit + 1] == quote else { return hit + 1 }
      at = hit + 2
    }
    return nil
  }

  /// The text between dollar quotes that begin at `start`; `isNone` where the dollar opens none.
  func sqlDollarText(at start: Int) -> (text: Range<Int>, isNone: Bool)? {
    var end = start + 1
    while end < count, self[end] != UInt8(ascii: "$") {
      let isFirst = end == start + 1
      guard isSQLNameByte(self[end]), !isFirst || !isSQLDigit(self[end]) else {
        return (start..<start, true)
      }
      end += 1
    }
    guard end < count else { return nil }
    let tag = start..<end + 1
    var at = end + 1
    while let hit = firstIndex(of: UInt8(ascii: "$"), in: at..<count) {
      guard hit + tag.count <= count else { return nil }
      if matches(hit..<hit + tag.count, self, at: start) { return (end + 1..<hit, false) }
      at = hit + 1
    }
    return nil
  }

  /// Behind whatever is quoted at `at`, or behind the one byte that is not.
  func sqlStep(over at: Int) -> Int? {
    switch self[at] {
    case UInt8(ascii: "'"):
      return sqlQuoteEnd(UInt8(ascii: "'"), from: at + 1, escapes: hasEscapePrefix(at))
    case UInt8(ascii: "\""): return sqlQuoteEnd(UInt8(ascii: "\""), from: at + 1, escapes: false)
    case UInt8(ascii: "$") where at == 0 || !isSQLNameByte(self[at - 1]):
      guard let found = sqlDollarText(at: at) else { return nil }
      // The closing tag is as long as the opening one.
      return found.isNone
        ? at + 1 : found.text.upperBound + found.text.lowerBound - at
    case UInt8(ascii: "-"), UInt8(ascii: "/"):
      // A comment may be all there is up to the end, which is no step over this byte.
      guard let next = sqlToken(from: at) else { return nil }
      return next == at ? at + 1 : next
    default: return at + 1
    }
  }

  /// Whether the quote at `at` begins a text with backslash escapes.
  private func hasEscapePrefix(_ at: Int) -> Bool {
    guard at > 0, self[at - 1] | 0x20 == UInt8(ascii: "e") else { return false }
    return at == 1 || !isSQLNameByte(self[at - 2])
  }

  /// Behind the semicolon that ends the statement `at` is in.
  func sqlStatementEnd(from at: Int) -> Int? {
    var at = at
    while at < count {
      if self[at] == UInt8(ascii: ";") { return at + 1 }
      guard let next = sqlStep(over: at) else { return nil }
      at = next
    }
    return nil
  }

  /// Whether the word in a range is `word`, which is in capitals, however it is written.
  func sqlIs(_ range: Range<Int>, _ word: StaticString) -> Bool {
    guard range.count == word.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count {
      let letter = unsafe word.utf8Start[offset]
      guard self[range.lowerBound + offset] & 0xDF == letter else { return false }
    }
    return true
  }
}

@inline(__always)
func isSQLSpace(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte >= 0x09 && byte <= 0x0D
}

@inline(__always)
func isSQLDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

/// Whether a byte may be in a name that is not quoted.
@inline(__always)
func isSQLNameByte(_ byte: UInt8) -> Bool {
  let letter = byte | 0x20
  return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || isSQLDigit(byte)
    || byte == UInt8(ascii: "_") || byte >= 0x80
}
