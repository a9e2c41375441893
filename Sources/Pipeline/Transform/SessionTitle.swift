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

  /// `Conversation <first eight characters of its id>`.
  static func fallback(_ continuationId: [UInt8]) -> [UInt8] {
    let id = String(decoding: continuationId.prefix(256), as: UTF8.self)
    return Array("Conversation \(id.prefix(8))".utf8)
  }
}
