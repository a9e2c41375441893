/// Messages on their way from drafts to rows, a stage at a time over some hundred of a record's.
extension BatchAssembler {
  /// Transforms, validates and encodes the draft's messages, and counts each.
  mutating func settleMessages(
    _ state: inout SessionState, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) {
    // Out of the draft, so that each can be lent to what changes the assembler; copies count references.
    var messages: [MessageDraft] = []
    swap(&messages, &draft.messages)
    defer { swap(&messages, &draft.messages) }
    for start in stride(from: 0, to: messages.count, by: Self.messagesAtATime) {
      let end = min(start + Self.messagesAtATime, messages.count)
      settle(messages.span.extracting(start..<end), &state, segment, range, place)
    }
  }

  /// Bounds what is kept between the stages, for records with millions of messages.
  private static var messagesAtATime: Int { 512 }

  private mutating func settle(
    _ drafts: borrowing Span<MessageDraft>, _ state: inout SessionState,
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) {
    let count = drafts.count
    batch.clock.count(.transform, records: count)
    let transforming = ContinuousClock.now
    prepared.removeAll(keepingCapacity: true)
    for index in 0..<count {
      prepared.append(
        plan.prepare(drafts[index], of: parser.tape) {
          rule, field, text in batch.findings.note(rule, at: place, field: field, text())
        })
    }
    let validating = ContinuousClock.now
    batch.clock.add(.transform, nanoseconds: (validating - transforming).nanoseconds)
    batch.clock.count(.validate, records: count)
    for index in 0..<count where prepared[index].refusal == nil {
      let entries = draft.entries[drafts[index].entries]
      prepared[index].refusal = checks.refusal(drafts[index], entries: entries, of: parser.tape)
    }
    let encoding = ContinuousClock.now
    batch.clock.add(.validate, nanoseconds: (encoding - validating).nanoseconds)
    for index in 0..<count {
      settle(drafts[index], prepared[index], &state, segment, range, place)
    }
    batch.clock.add(.load, nanoseconds: StageClock.nanoseconds(since: encoding))
  }

  /// Loads, filters or rejects one message and counts it.
  private mutating func settle(
    _ draft: borrowing MessageDraft, _ settled: PreparedMessage, _ state: inout SessionState,
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) {
    let folded = draft.folded
    let counted = (draft.part == 0 ? 1 : 0) + folded
    if let refusal = settled.refusal {
      state.rejected += 1
      batch.count(place.input) { tally in
        tally.messages.read += counted
        tally.messages.rejected += counted
      }
      rejectMessage(refusal, draft, segment, range, place)
      return
    }
    guard !settled.isFiltered else {
      state.filtered += 1
      batch.count(place.input) { tally in
        tally.messages.read += counted
        tally.messages.filtered += counted
      }
      return
    }
    var message = settled
    order(&message, &state, place)
    if state.title == nil, plan.title != .none, message.role == .user {
      state.title = title(of: draft)
    }
    state.accepted += 1
    // The field's name is made only for findings, of values that are not borrowed by the encoder.
    let (list, number) = (messageField, draft.index)
    let own = sourcePlace(draft.source, segment, range, place)
    messages.encode(
      draft, message, session: state, entries: self.draft.entries,
      of: parser.tape, place: own, into: &batch.messages
    ) { rule, field, text in
      batch.findings.note(
        rule, at: place, field: list.isEmpty ? field : "\(list)[\(number)].\(field)", text())
    }
    batch.count(place.input) { tally in
      tally.messages.read += counted
      tally.messages.merged += folded
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
      message.isTimeMoved = true
      note(.timeTie, place, field: "created_at") { "the time of another message of the session" }
    case .backward:
      note(.timeBackward, place, field: "created_at") {
        "earlier than the message before it; the source's time stands"
      }
    }
  }

  private func title(of draft: borrowing MessageDraft) -> [UInt8]? {
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

  private func fieldPrefix(_ draft: borrowing MessageDraft) -> String {
    messageField.isEmpty ? "" : "\(messageField)[\(draft.index)]."
  }

  private mutating func rejectMessage(
    _ refusal: Refusal, _ draft: borrowing MessageDraft, _ segment: InputSegment,
    _ range: Range<Int>,
    _ place: Place
  ) {
    let field =
      refusal.field.map { fieldPrefix(draft) + $0 }
      ?? (messageField.isEmpty ? nil : "\(messageField)[\(draft.index)]")
    // A message that became several rows is one record and is kept once; a result is one of its own.
    var sources: [JSONValue?] = draft.part == 0 ? [draft.source] : []
    if let result = draft.result { sources.append(result) }
    for source in sources {
      let own = sourcePlace(source, segment, range, place)
      reject(
        .message, refusal, place: own, stage: .validate, field: field,
        bytes: segment.sourceBytes(own))
    }
  }
}
