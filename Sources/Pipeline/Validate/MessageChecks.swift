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
    // What was inside a string of the source is no part of it on the tape.
    if case .value(let text) = draft.content, isRefused(text, tape) {
      return Refusal(
        rule: .textRefused, field: "content",
        message: "the text holds characters that PostgreSQL cannot store")
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

  /// Whether a session's title holds what the text policy rejects.
  func refusal(ofTitle title: DraftText, of tape: borrowing JSONTape) -> Refusal? {
    guard rejectsRefusedText, case .value(let value) = title, isRefused(value, tape) else {
      return nil
    }
    return Refusal(
      rule: .textRefused, field: "title",
      message: "the title holds characters that PostgreSQL cannot store")
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
    case .absent, .bytes, .numbers: return false
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
  /// The longest text a btree index takes: a third of a page (PostgreSQL documentation, "B-Tree Indexes"),
  /// less the heads of the index's tuple and of the text.
  static let keyBytesLimit = 2_704 - 8 - 4

  /// Whether decoded text holds NUL or half a surrogate pair, which is ED A0 … ED BF there.
  static func isRefused(_ text: [UInt8]) -> Bool {
    var wasHead = false
    for byte in text {
      if byte == 0 || wasHead && byte >= 0xA0 { return true }
      wasHead = byte == 0xED
    }
    return false
  }

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
