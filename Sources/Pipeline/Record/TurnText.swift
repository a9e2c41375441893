internal import Crypto

/// Tells two stores' copies of one turn from two different turns: SHA-256, cut to 16 bytes, over the role and
/// the content, normalised.
///
/// Normalised content has line ends of U+000A, no white space at either end, and of a user's turn with the
/// conversation before it only what the user said. The server digests contents where they are; those with a
/// history block, which only ``HistoryBlock`` can take apart, are fetched and digested here: the two have to
/// agree byte for byte.
struct TurnDigest: Hashable, Sendable {
  let high: UInt64
  let low: UInt64
}

extension TurnDigest {
  /// What Python's `str.strip` takes off, with which the stores compared contents.
  static let blanks: [Unicode.Scalar] =
    ([0x09...0x0D, 0x1C...0x20, 0x2000...0x200A, 0x2028...0x2029] as [ClosedRange<UInt32>])
    .flatMap { $0.compactMap(Unicode.Scalar.init) }
    + ["\u{85}", "\u{A0}", "\u{1680}", "\u{202F}", "\u{205F}", "\u{3000}"]

  /// Whether a content has no text.
  static func isBlank(_ content: [UInt8]) -> Bool { content[...].trimmed(of: blanks).isEmpty }

  /// Digests a turn whose content has some text; `content` is UTF-8.
  init(role: [UInt8], content: [UInt8]) {
    let text = Self.normalised(content, isOfUser: role.elementsEqual("user".utf8))
    var hash = SHA256()
    hash.update(data: role + [0x1F])
    hash.update(data: Array(text))
    let digest = Array(hash.finalize())
    func word(_ start: Int) -> UInt64 {
      digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    (high, low) = (word(0), word(8))
  }

  /// Reads the server's answer.
  init?(bytes: [UInt8]?) {
    guard let words = RowId(bytes: bytes) else { return nil }
    (high, low) = (words.high, words.low)
  }

  private static func normalised(_ content: [UInt8], isOfUser: Bool) -> ArraySlice<UInt8> {
    var text: [UInt8] = []
    text.reserveCapacity(content.count)
    for index in content.indices {
      let isBeforeLineFeed = index + 1 < content.count && content[index + 1] == 0x0A
      if content[index] != 0x0D || !isBeforeLineFeed { text.append(content[index]) }
    }
    var own = text[...]
    if isOfUser, let said = HistoryBlock.ownText(in: text.span) { own = text[said] }
    return own.trimmed(of: blanks)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func trimmed(of blanks: [Unicode.Scalar]) -> ArraySlice<UInt8> {
    let encoded = blanks.map { Array(UTF8.encode($0) ?? .init()) }
    var rest = self
    while let blank = encoded.first(where: { rest.starts(with: $0) }) {
      rest = rest.dropFirst(blank.count)
    }
    while let blank = encoded.first(where: { rest.suffix($0.count).elementsEqual($0) }) {
      rest = rest.dropLast(blank.count)
    }
    return rest
  }
}
