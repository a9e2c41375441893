/// Titles that the product's own writers gave conversations which nobody had named.
enum DefaultTitle {
  private static let named = Array("Conversation ".utf8)
  private static let dated = Array("EXAI Chat ".utf8)

  /// Whether a title is `Conversation` and the first eight characters of the id, or `EXAI Chat` and a time as some
  /// locale writes it.
  static func isOne(_ title: [UInt8], of continuationId: [UInt8]) -> Bool {
    if title.starts(with: named) {
      let id = String(decoding: continuationId.prefix(256), as: UTF8.self)
      return title.dropFirst(named.count).elementsEqual(id.prefix(8).utf8)
    }
    guard title.starts(with: dated) else { return false }
    let time = String(decoding: title.dropFirst(dated.count), as: UTF8.self)
    guard time.contains(where: \.isNumber) else { return false }
    return time.split { !$0.isLetter }.allSatisfy {
      ["am", "pm", "a", "p", "m"].contains($0.lowercased())
    }
  }
}
