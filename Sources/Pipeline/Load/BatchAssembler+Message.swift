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
    // Where what is found out about a message is said to be: in its record, or where it stood itself if that was
    // put together from several places.
    let isGathered = segment.isGathered
    let transforming = ContinuousClock.now
    prepared.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let own = isGathered ? messagePlace(drafts[index], segment, range, place) : place
      var message = plan.prepare(
        role: drafts[index].role, time: drafts[index].time,
        content: drafts[index].part == 0 ? drafts[index].content : .absent,
        refusal: drafts[index].rareRefusal, format: format, of: parser.tape
      ) { rule, field, text in batch.findings.note(rule, at: own, field: field, text()) }
      if let raised = batch.findings.takeRaised() ?? recordRefusal, !message.isFiltered {
        message.refusal = message.refusal ?? raised
      }
      prepared.append(consume message)
    }
    let validating = ContinuousClock.now
    batch.clock.add(.transform, nanoseconds: (validating - transforming).nanoseconds)
    batch.clock.count(.validate, records: count)
    for index in 0..<count where !prepared[index].isRefused {
      let own = isGathered ? messagePlace(drafts[index], segment, range, place) : place
      check(drafts[index], at: index, &state, own)
    }
    let encoding = ContinuousClock.now
    batch.clock.add(.validate, nanoseconds: (encoding - validating).nanoseconds)
    let firstDated = state.dated == nil ? prepared.firstIndex { $0.isDated } : nil
    for index in 0..<count {
      state.ahead = firstDated.flatMap { first in
        index < first ? prepared[first].time?.earlier(byMicroseconds: first - index) : nil
      }
      // Taken out, which counts no references, as a copy would.
      var message = PreparedMessage()
      swap(&message, &prepared[index])
      let own = isGathered ? messagePlace(drafts[index], segment, range, place) : place
      settle(drafts[index], &message, &state, segment, range, own)
    }
    messages.completeIds(in: &batch.messages)
    batch.clock.add(.load, nanoseconds: StageClock.nanoseconds(since: encoding))
  }

  /// Says of a message, the `index`-th of those prepared, why there can be no row of it, and applies the rules.
  private mutating func check(
    _ one: borrowing MessageDraft, at index: Int, _ state: inout SessionState, _ place: Place
  ) {
    let entries = draft.entries[one.entries]
    if let refusal = checks.refusal(one, entries: entries, of: parser.tape) {
      prepared[index].refusal = refusal
    } else if !prepared[index].isFiltered {
      apply(one, at: index, entries, &state, place)
    }
  }

  /// Loads, filters or rejects one message and counts it.
  private mutating func settle(
    _ draft: borrowing MessageDraft, _ message: inout PreparedMessage,
    _ state: inout SessionState, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) {
    let folded = draft.folded
    let counted = (draft.part == 0 ? 1 : 0) + folded
    if let refusal = message.refusal {
      refuse(draft, message, refusal, &state, segment, range, place)
      return
    }
    guard !message.isFiltered else {
      state.filtered += 1
      batch.count(countedInput(draft, segment, range, place)) { tally in
        tally.messages.read += counted
        tally.messages.filtered += counted
      }
      return
    }
    // What a rule may still say while the row is made is to leave no trace of it.
    let before = rules.settings.raisesWhileEncoding ? state.mark() : nil
    order(&message, draft, &state, place)
    if state.title == nil, plan.title != .none, message.role == .user,
      retried?.mayTitle(draft.index) ?? true
    {
      state.title = title(of: draft, message)
    }
    state.accepted += 1
    // The field's name is made only for findings, of values that are not borrowed by the encoder.
    let (list, number) = (messageField, draft.index)
    let own = messagePlace(draft, segment, range, place)
    messages.encode(
      draft, message, session: state.identity, entries: self.draft.entries,
      of: parser.tape, place: own, into: &batch.messages
    ) { rule, field, text in
      batch.findings.note(
        rule, at: place, field: list.isEmpty ? field : "\(list)[\(number)].\(field)", text())
    }
    if let before, let raised = batch.findings.takeRaised() {
      messages.completeIds(in: &batch.messages)
      batch.messages.keepFirst(batch.messages.rows.count - 1)
      state.restore(before)
      refuse(draft, message, raised, &state, segment, range, place)
      return
    }
    let isAskedForId = format == .chatHistory || !message.files.isAbsent
    let isRedacted = message.holdsSecret && !plan.redacted.isEmpty
    if isAskedForId || isRedacted { messages.completeIds(in: &batch.messages) }
    if isRedacted {
      batch.messages.redactLast(plan.redacted, kinds: messages.kinds)
    }
    if format == .chatHistory, retried == nil, let row = batch.messages.rows.last {
      batch.marks.append(
        RunMark(
          kind: .message, key: row.id.folded, owner: row.id.folded, other: UInt64(draft.index),
          place: place))
    }
    if let files = message.files.value, let row = batch.messages.rows.last {
      batch.mentions.append(
        FileMention(
          owner: .message(row: batch.messages.rows.count - 1, id: row.id), session: state.id,
          continuationId: state.continuationId, place: own, files: files))
    }
    if format == .messagesDump { noteGivenId(of: draft, &state, own) }
    keepEmbedding(of: draft, state, place: own)
    batch.facts.count(draft, message, entries: self.draft.entries, of: parser.tape)
    batch.messages.describeLast(
      origin: keepOrigin(), message: loadedOrigin(draft, message))
    if let result = resultPlace(draft, segment, range, place) {
      let row = batch.messages.rows.count - 1
      batch.folded.append(FoldedMessage(row: row, place: result.place, index: result.index))
    }
    batch.count(own.input) { tally in
      tally.messages.read += counted
      tally.messages.merged += folded
    }
  }

  /// Notes that a row keeps the id it has, and tells of one with the id of another before it in its
  /// conversation: of two that differ one is stored.
  private mutating func noteGivenId(
    of draft: borrowing MessageDraft, _ state: inout SessionState, _ place: Place
  ) {
    guard !draft.rareStoredRow.isAbsent, draft.storedRow?.id != nil,
      let row = batch.messages.rows.last
    else { return }
    batch.hasGivenIds = true
    guard !state.rowIds.insert(row.id.folded).inserted else { return }
    let field = "\(messageField)[\(draft.index)].id"
    note(.idRepeated, place, field: field) { "a row of this id is in the input before" }
  }

  /// Keeps what of the row encoded last goes to its session's file of embeddings.
  private mutating func keepEmbedding(
    of draft: borrowing MessageDraft, _ state: borrowing SessionState, place: Place
  ) {
    guard !draft.rareStoredRow.isAbsent, let values = draft.storedRow?.embedding,
      let row = batch.messages.rows.last
    else { return }
    batch.embeddings.append(
      MessageEmbedding(
        row: batch.messages.rows.count - 1, message: row.id, session: state.id,
        continuationId: state.continuationId, place: place, values: values))
  }

  /// Rejects one message and counts it.
  private mutating func refuse(
    _ draft: borrowing MessageDraft, _ settled: PreparedMessage, _ refusal: Refusal,
    _ state: inout SessionState, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) {
    let counted = (draft.part == 0 ? 1 : 0) + draft.folded
    let copies = draft.copies
    var refusal = refusal
    refusal.value = valueShape(refusal.rule, draft, settled)
    state.rejected += 1
    let own = refusedOrigin(draft, settled, &state)
    // Its rows follow each other, though not always in one piece of the record's messages.
    let isFurther = draft.part > 0 && state.refusedIndex == draft.index
    state.refusedIndex = draft.index
    batch.count(countedInput(draft, segment, range, place)) { tally in
      tally.messages.read += counted
      tally.messages.rejected += counted - copies
      tally.messages.merged += copies
    }
    rejectMessage(refusal, draft, own, isFurther, segment, range, place)
  }

  /// Settles the stored time; the target orders a conversation by nothing else.
  ///
  /// A message without a time goes directly behind the one before it that has one, or before the first that has;
  /// where none has, to its session's own time, and only where that is unknown too to the column's default.
  private mutating func order(
    _ message: inout PreparedMessage, _ draft: borrowing MessageDraft,
    _ state: inout SessionState, _ place: Place
  ) {
    guard let time = message.time ?? state.timeBeside ?? absentTime else { return }
    let placed = retried?.place(message, draft) ?? state.order.place(time)
    message.created = placed.time
    guard message.time != nil else { return }
    state.widen(placed.time)
    state.dated = time
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

  private mutating func title(
    of draft: borrowing MessageDraft, _ message: PreparedMessage
  ) -> [UInt8]? {
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
    if let own = message.ownText.value { text = Array(text[own]) }
    // Before it is cut: half a key is one that nobody finds any more.
    if message.holdsSecret, let redacted = SecretScan.redacted(text, plan.redacted) {
      text = redacted
    }
    return SessionTitle.cut(text, length: plan.titleLength)
  }

  private func fieldPrefix(_ draft: borrowing MessageDraft) -> String {
    messageField.isEmpty ? "" : "\(messageField)[\(draft.index)]."
  }

  private mutating func rejectMessage(
    _ refusal: Refusal, _ draft: borrowing MessageDraft, _ origin: MessageOrigin,
    _ isFurther: Bool, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) {
    let field =
      refusal.field.map { fieldPrefix(draft) + $0 }
      ?? (messageField.isEmpty ? nil : "\(messageField)[\(draft.index)]")
    // A message that became several rows is one record and is kept once; a result is one of its own.
    if !isFurther {
      let own = messagePlace(draft, segment, range, place)
      reject(
        .message, refusal, place: own, stage: .validate, field: field,
        bytes: bytes(at: own, segment), message: origin)
    }
    guard let result = resultPlace(draft, segment, range, place) else { return }
    reject(
      .message, refusal, place: result.place, stage: .validate, field: field,
      bytes: bytes(at: result.place, segment),
      message: MessageOrigin(index: result.index, call: draft.index))
  }
}
