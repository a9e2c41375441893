/// What keeps a settled message from being a row.
struct MessageChecks: Sendable {
  let rejectsRefusedText: Bool

  init(_ plan: TransformPlan) { rejectsRefusedText = plan.text == .reject }

  func refusal(
    _ draft: MessageDraft, entries: ArraySlice<MetadataEntry>,
    of tape: borrowing JSONTape
  ) -> Refusal? {
    if let refusal = content(draft, of: tape) { return refusal }
    guard rejectsRefusedText else { return nil }
    if let source = draft.source, isRefused(source, tape) {
      return Refusal(
        rule: .textRefused, message: "the message holds characters that PostgreSQL cannot store")
    }
    if refuses(draft.toolResult, tape) || entries.contains(where: { refuses($0.value, tape) }) {
      return Refusal(
        rule: .textRefused, field: "tool_result",
        message: "the tool's result holds characters that PostgreSQL cannot store")
    }
    return nil
  }

  /// Whether a session's own fields hold what the text policy rejects; its messages answer for theirs.
  func refusal(
    ofSession entries: ArraySlice<MetadataEntry>, of tape: borrowing JSONTape
  ) -> Refusal? {
    guard rejectsRefusedText, entries.contains(where: { refuses($0.value, tape) }) else {
      return nil
    }
    return Refusal(
      rule: .textRefused, message: "the session holds characters that PostgreSQL cannot store")
  }

  private func content(_ draft: MessageDraft, of tape: borrowing JSONTape) -> Refusal? {
    switch draft.content {
    case .bytes, .parts: return nil
    case .absent:
      guard !draft.mayLackContent else { return nil }
      return Refusal(
        rule: .contentMissing, field: "content", message: "the message has no content")
    case .value(let value):
      guard tape.kind(value) != .string else { return nil }
      return Refusal(
        rule: .contentMissing, field: "content", message: "the message's content is not text")
    }
  }

  private func refuses(_ value: DraftJSON, _ tape: borrowing JSONTape) -> Bool {
    switch value {
    case .absent, .bytes: return false
    case .value(let value), .wrapped(_, let value): return isRefused(value, tape)
    case .list(let values):
      for value in values where isRefused(value, tape) { return true }
      return false
    }
  }

  private func isRefused(_ value: JSONValue, _ tape: borrowing JSONTape) -> Bool {
    !tape[value].flags.isDisjoint(with: [.nul, .surrogate])
  }
}

/// What keeps a session from being a row.
enum SessionChecks {
  /// The longest key a btree index takes: a third of a page (PostgreSQL documentation, "B-Tree Indexes").
  static let keyBytesLimit = 2_704

  static func refusal(continuationId: [UInt8], isRefused: Bool) -> Refusal? {
    if isRefused {
      return Refusal(
        rule: .textRefused, field: "continuation_id",
        message: "the id holds characters that PostgreSQL cannot store")
    }
    if continuationId.count > keyBytesLimit {
      return Refusal(
        rule: .keyTooLong, field: "continuation_id",
        message: "the id has \(continuationId.count) bytes; an index holds \(keyBytesLimit)")
    }
    return nil
  }
}
