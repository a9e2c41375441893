/// `title.missing`: a session with messages has no title, and no message of the user to take one from.
enum TitleMissing {
  static func isBroken(by title: [UInt8]?, _ rule: TitleRule) -> Bool {
    title == nil && rule != .none
  }
}
