/// One message on its way from a draft to a row.
extension BatchAssembler {
  /// Loads, filters or rejects a message whose role and time are settled, and counts it.
  mutating func settle(
    _ prepared: PreparedMessage, _ state: inout SessionState, _ segment: InputSegment,
    _ range: Range<Int>, _ place: Place
  ) {
    var message = prepared
    let draft = message.draft
    let counted = draft.part == 0 ? 1 : 0
    if message.refusal == nil {
      message.refusal = checks.refusal(
        message, entries: self.draft.entries[draft.entries], of: parser.tape)
    }
    if let refusal = message.refusal {
      state.rejected += 1
      batch.count(place.input) { tally in
        tally.messages.read += counted + draft.folded
        tally.messages.rejected += counted + draft.folded
      }
      rejectMessage(refusal, draft, segment, range, place)
      return
    }
    guard !message.isFiltered else {
      state.filtered += 1
      batch.count(place.input) { tally in
        tally.messages.read += counted + draft.folded
        tally.messages.filtered += counted + draft.folded
      }
      return
    }
    order(&message, &state, place)
    if state.title == nil, plan.title != .none, message.role == .user {
      state.title = title(of: draft)
    }
    state.accepted += 1
    batch.clock.count(.validate, records: 1)
    let fieldPrefix = fieldPrefix(draft)
    messages.encode(
      message, session: state, entries: self.draft.entries, of: parser.tape, place: place,
      into: &batch.messages
    ) { rule, field, text in
      batch.findings.note(rule, at: place, field: fieldPrefix + field, text)
    }
    batch.count(place.input) { tally in
      tally.messages.read += counted + draft.folded
      tally.messages.merged += draft.folded
    }
  }

  /// Settles the stored time; the target orders a conversation by nothing else.
  private mutating func order(
    _ message: inout PreparedMessage, _ state: inout SessionState, _ place: Place
  ) {
    guard let time = message.time ?? absentTime else { return }
    let placed = state.order.place(time)
    message.created = placed.time
    if message.time != nil { state.widen(placed.time) }
    guard message.time != nil else { return }
    switch placed.step {
    case .forward: break
    case .tie:
      message.isTimeChanged = true
      note(.timeTie, place, field: "created_at") { "the time of the message before it" }
    case .backward:
      note(.timeBackward, place, field: "created_at") {
        "earlier than the message before it; the source's time stands"
      }
    }
  }

  private func title(of draft: MessageDraft) -> [UInt8]? {
    let value: JSONValue
    switch draft.content {
    case .value(let only): value = only
    case .parts(let parts):
      guard let first = parts.first else { return nil }
      value = first
    case .absent, .bytes: return nil
    }
    guard !parser.tape.isBlank(value) else { return nil }
    var text: [UInt8] = []
    parser.tape.appendDecoded(value, refused: plan.refusedText, to: &text)
    return SessionTitle.cut(text, length: plan.titleLength)
  }

  private func fieldPrefix(_ draft: MessageDraft) -> String {
    messageField.isEmpty ? "" : "\(messageField)[\(draft.index)]."
  }

  private mutating func rejectMessage(
    _ refusal: Refusal, _ draft: MessageDraft, _ segment: InputSegment, _ range: Range<Int>,
    _ place: Place
  ) {
    // A message that became several rows is one record and is kept once.
    guard draft.part == 0 || draft.folded > 0 else { return }
    let (own, bytes) = sourceBytes(draft.source, segment, range, place)
    let field = refusal.field.map { fieldPrefix(draft) + $0 }
    reject(
      .message, refusal, place: own, stage: .validate,
      field: field ?? (messageField.isEmpty ? nil : "\(messageField)[\(draft.index)]"),
      bytes: bytes)
  }
}
