/// The title of a session that has none of its own.
enum SessionTitle {
  /// The start of a text, cut between characters to `length` of them, with `...` where it was cut.
  static func cut(_ text: [UInt8], length: Int) -> [UInt8] {
    if let cut = cutPlain(text, length) { return cut }
    // A character is at most some hundred bytes; what is beyond this cannot be part of the title.
    var windowBytes = min(text.count, length * 64 + 64)
    let isPart = windowBytes < text.count
    while isPart, windowBytes > 0, text[windowBytes] & 0xC0 == 0x80 { windowBytes -= 1 }
    var window = String(decoding: text.prefix(windowBytes), as: UTF8.self)
    // More of its last character may lie behind the window.
    if isPart { window = String(window.dropLast()) }
    guard isPart || window.count > length else { return text }
    return Array(window.prefix(length).utf8) + Array("...".utf8)
  }

  /// The same where its start is ASCII, in which a byte is a character unless it is half of CR LF.
  private static func cutPlain(_ text: [UInt8], _ length: Int) -> [UInt8]? {
    // One byte more is looked at: what follows the cut could belong to the last character.
    for index in 0..<min(text.count, length + 1)
    where text[index] >= 0x80 || text[index] == 0x0D {
      return nil
    }
    return text.count <= length ? text : text[..<length] + Array("...".utf8)
  }

  /// `Conversation` and what tells its id from others: the first eight characters, or what is behind the prefix that
  /// all ids of a store have.
  static func fallback(_ continuationId: [UInt8]) -> [UInt8] {
    let id = continuationId.prefix(256)
    let rest =
      storePrefixes.first { id.starts(with: $0) }.map {
        cut(Array(id.dropFirst($0.count)), length: 50)
      }
      ?? Array(String(decoding: id.dropFirst(digestPrefix(of: id)), as: UTF8.self).prefix(8).utf8)
    return Array("Conversation ".utf8) + rest
  }

  /// Prefixes of ids behind which there is a name.
  private static let storePrefixes = ["auggie:", "request:", "conversations:"].map {
    Array($0.utf8)
  }

  /// Bytes of a prefix behind which there are digits that are as good as random.
  private static func digestPrefix(of id: ArraySlice<UInt8>) -> Int {
    for prefix in ["openai:", "kimi_conv_", "glm_conv_"] where id.starts(with: prefix.utf8) {
      return prefix.utf8.count
    }
    return 0
  }
}
