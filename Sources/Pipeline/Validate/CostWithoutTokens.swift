/// `cost.without-tokens`: a message that cost something and used no tokens.
enum CostWithoutTokens {
  static func isBroken(by draft: MessageDraft, of tape: borrowing JSONTape) -> Bool {
    guard let cost = draft.cost, let dollars = tape.decimal(cost), !dollars.isNegative,
      dollars.coefficient > 0
    else { return false }
    return !isSome(draft.tokensIn, tape) && !isSome(draft.tokensOut, tape)
  }

  private static func isSome(_ value: JSONValue?, _ tape: borrowing JSONTape) -> Bool {
    guard let value else { return false }
    // Text that is no number says that there were some.
    return tape.decimal(value)?.coefficient != 0
  }
}
