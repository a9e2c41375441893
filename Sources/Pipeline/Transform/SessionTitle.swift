/// The title of a session that has none of its own.
enum SessionTitle {
  /// The start of a text, cut between characters to `length` of them, with `...` where it was cut.
  static func cut(_ text: [UInt8], length: Int) -> [UInt8] {
    // A character is at most some hundred bytes; what is beyond this cannot be part of the title.
    let window = String(decoding: text.prefix(length * 64 + 64), as: UTF8.self)
    guard window.count > length else { return text }
    return Array(window.prefix(length).utf8) + Array("...".utf8)
  }

  /// `Conversation <first eight characters of its id>`.
  static func fallback(_ continuationId: [UInt8]) -> [UInt8] {
    let id = String(decoding: continuationId.prefix(256), as: UTF8.self)
    return Array("Conversation \(id.prefix(8))".utf8)
  }
}
