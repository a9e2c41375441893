/// `parent.self`: a session that is said to continue itself.
enum ParentSelf {
  static func isBroken(by parent: SessionKeyDigest, of session: SessionKeyDigest) -> Bool {
    parent == session
  }
}

/// 64 bits of a session's key, the same for every spelling of a UUID: in capitals, in braces, as a URN, or
/// behind `thread:`.
struct SessionKeyDigest: Hashable, Sendable {
  let hash: UInt64

  init(_ key: [UInt8]) {
    var text = key.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }[...]
    for lead in ["thread:", "urn:uuid:", "{"] where text.starts(with: lead.utf8) {
      text = text.dropFirst(lead.utf8.count)
      if lead == "{", text.last == UInt8(ascii: "}") { text = text.dropLast() }
    }
    let plain = Array(text)
    hash = TextDigest(plain.span, 0..<plain.count).hash
  }
}
