/// `content.empty`: a message that has a text, and nothing in it but white space.
enum ContentEmpty {
  static func isBroken(by draft: MessageDraft, of tape: borrowing JSONTape) -> Bool {
    // A tool call and its result may be all there is to say.
    guard !draft.mayLackContent, case .value(let text) = draft.content, tape.kind(text) == .string
    else { return false }
    return tape.isBlank(text)
  }
}
