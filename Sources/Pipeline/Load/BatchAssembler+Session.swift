/// Records that are whole sessions.
extension BatchAssembler {
  /// Adds the session and messages of the draft, or rejects what cannot be loaded of it.
  ///
  /// `flush` is called only where it has more messages than a batch has rows.
  mutating func addSession(
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place,
    _ flush: (inout RowBatch) throws -> Void
  ) throws {
    let found =
      segment.slices?.messageCount ?? draft.sliced?.count
      ?? draft.messages.reduce(0) { $0 + $1.folded + ($1.part == 0 ? 1 : 0) }
    origin.key = draft.session.key
    origin.isMade = draft.session.isMade
    let copies = draft.session.copies
    if copies > 0 {
      batch.count(place.input) { tally in
        tally.sessions.read += copies
        tally.sessions.merged += copies
      }
    }
    var refusal = draft.refusal ?? recordRefusal
    var stage = Stage.extract
    if refusal == nil {
      refusal = continuationRefusal()
      stage = .validate
    }
    if let refusal {
      try rejectSession(refusal, segment, range, place, stage, messages: found, flush)
      return
    }
    var state = makeState(place)
    checkSession(&state, place)
    let ownRefusal = batch.findings.takeRaised()
    if let refusal = noteDraft(place, of: segment, range) ?? ownRefusal {
      try rejectSession(refusal, segment, range, place, .validate, messages: found, flush)
      return
    }
    if let slices = segment.slices {
      try addInSlices(slices, state, segment, range, place, flush)
      return
    }
    if let sliced = draft.sliced, sliced.count > batchRows {
      try addInParts(sliced, state, segment, range, place, flush)
      return
    }
    let beginning = batch.mark(place.input, severalInputs: segment.isGathered)
    if let sliced = draft.sliced {
      for slice in sliced.slices { try settle(slice, &state, segment, range, place) }
    } else {
      settleMessages(&state, segment, range, place)
    }
    let started = ContinuousClock.now
    finish(&state, place, found: found)
    if let refusal = batch.findings.takeRaised() {
      // Only now that its messages have been seen is it known that there is to be none of it.
      batch.rewind(to: beginning, place.input)
      try rejectSession(refusal, segment, range, place, .validate, messages: found, flush)
    }
    batch.clock.add(.load, nanoseconds: StageClock.nanoseconds(since: started))
  }

  // Mutating only so that the assembler is not copied.
  private mutating func continuationRefusal() -> Refusal? {
    let isRefused: Bool
    switch draft.session.continuationId {
    case .value(let value):
      isRefused = !parser.tape[value].flags.isDisjoint(with: [.nul, .surrogate])
    case .bytes(let name): isRefused = SessionChecks.isRefused(name)
    case .absent, .parts: isRefused = false
    }
    return SessionChecks.refusal(continuationId: draft.session.key, isRefused: isRefused)
      ?? checks.refusal(ofTitle: draft.session.title, of: parser.tape)
      ?? checks.refusal(ofSession: draft.entries[draft.session.entries], of: parser.tape)
  }

  private mutating func makeState(_ place: Place) -> SessionState {
    let created = sessionTime(draft.session.created, "created_at", place)
    let updated = sessionTime(draft.session.updated, "last_updated_at", place)
    var state = SessionState(
      family: sessions.family, key: draft.session.key, ownTime: created, scheme: plan.ids)
    if case .bytes(let name) = draft.session.continuationId {
      state.continuationId = name
      if name != draft.session.key { batch.hasGivenIds = true }
    }
    state.user = draft.session.user
    origin.ownTime = created
    if let created { state.widen(created) }
    if let updated { state.widen(updated) }
    state.turns.created = created
    state.turns.updated = updated
    // Made by a dialect whose records have none, and nothing of the user's to take one from.
    if case .bytes(let title) = draft.session.title, plan.title != .none { state.title = title }
    if case .value(let title) = draft.session.title {
      guard plan.title == .stored else {
        draft.keepAside("title", title)
        return state
      }
      var text: [UInt8] = []
      let changed = parser.tape.appendDecoded(title, refused: plan.refusedText, to: &text)
      if changed > 0 { noteChangedText(changed, "title", place) }
      state.title = text.isEmpty ? nil : text
    }
    return state
  }

  private mutating func noteChangedText(_ count: Int, _ field: String, _ place: Place) {
    note(plan.text == .mark ? .textMarked : .textReplaced, place, field: field) {
      "\(count) characters that PostgreSQL cannot hold"
    }
  }

  /// A session's own time; one that cannot be read is noted, and the messages' times stand.
  private mutating func sessionTime(
    _ value: JSONValue?, _ field: String, _ place: Place
  ) -> Timestamp? {
    guard let value, parser.tape.kind(value) != .string || !parser.tape.isBlank(value) else {
      return nil
    }
    guard let reading = parser.tape.time(value, in: plan.zones[format]),
      plan.possible.contains(reading.instant)
    else {
      batch.findings.note(
        .valueRange, at: place, field: field, "the session's \(field) is no possible time")
      draft.keepAside("raw_time", value)
      return nil
    }
    if let naive = reading.naive {
      batch.findings.note(naive.rule, at: place, field: field, naive.text)
    }
    return reading.instant
  }

  /// Ends a session all of whose messages have been seen: counts it, and writes its row unless it has none.
  mutating func finish(_ state: inout SessionState, _ place: Place, found: Int) {
    let (isFiltered, isContinued) = (state.isFiltered, state.isContinued)
    let isUnmade = draft.session.isMade && state.isRejected
    batch.count(place.input) { tally in
      if !isContinued { tally.sessions.read += 1 }
      if isFiltered { tally.sessions.filtered += 1 }
      if isUnmade { tally.sessions.rejected += 1 }
    }
    guard !isFiltered else { return }
    guard !isUnmade else {
      // Its messages are among the rejects, and bring it with them once they can be loaded.
      batch.findings.note(
        .sessionRejected, at: place, "none of the conversation's messages can be loaded")
      return
    }
    if found == 0 {
      batch.findings.note(.sessionEmpty, at: place, "the session has no messages")
    } else {
      checkWhole(state, place)
    }
    if state.title == nil, plan.title != .none {
      state.title = SessionTitle.fallback(state.continuationId)
    }
    encodeSession(&state, place, entries: draft.session.entries)
    leaveMarks(of: state, place)
  }

  /// Encodes the row of a session whose messages so far have been seen, and notes what became of its fields.
  mutating func encodeSession(
    _ state: inout SessionState, _ place: Place, entries: Range<Int>
  ) {
    let outcome = appendRow(of: state, place, entries: entries)
    batch.facts.countSession(draft.entries[entries], of: parser.tape)
    if outcome.changedCharacters > 0 {
      noteChangedText(outcome.changedCharacters, "metadata", place)
    }
    if outcome.droppedFields > 0 {
      batch.findings.note(
        .fieldDropped, at: place, field: "metadata",
        "\(outcome.droppedFields) fields have no column")
    }
  }

  /// Appends the row of a session, behind its messages.
  mutating func appendRow(
    of state: SessionState, _ place: Place, entries: Range<Int>
  ) -> MetadataWriter.Outcome {
    let outcome = sessions.encode(
      state, entries: draft.entries[entries],
      inputName: Array(inputs[Int(place.input)].name.utf8),
      origin: origin, of: parser.tape, place: place, into: &batch.sessions)
    if state.turns.holdsSecret, !plan.redacted.isEmpty {
      // Keys lead to other records, and are what they are.
      let fields = sessions.layout.columns.map(\.field)
      batch.sessions.redactLast(plan.redacted, kinds: sessions.layout.columns.map(\.kind)) {
        fields[$0] == .continuationId || fields[$0] == .userId
      }
    }
    // A record's row in a further batch is the one it had before, and refused if that was.
    let isRepeated = state.isContinued && openFile == nil
    batch.sessions.describeLast(origin: keepOrigin(), isAttachment: isRepeated)
    if let files = state.files.value, !state.isContinued {
      batch.mentions.append(
        FileMention(
          owner: .session(row: batch.sessions.rows.count - 1), session: state.id,
          continuationId: state.continuationId, place: place, files: files))
    }
    batch.endSession()
    return outcome
  }

  mutating func rejectSession(
    _ refusal: Refusal, _ segment: InputSegment, _ range: Range<Int>, _ place: Place,
    _ stage: Stage, messages: Int, _ flush: (inout RowBatch) throws -> Void
  ) throws {
    batch.count(place.input) { tally in
      tally.sessions.read += 1
      tally.sessions.rejected += 1
      tally.messages.read += messages
      tally.messages.rejected += messages
    }
    let own = sourcePlace(draft.session.source, segment, range, place)
    if let slices = segment.slices, segment.rows != nil {
      return try rejectInPieces(slices, refusal, segment, own, stage, flush)
    }
    reject(
      .session, refusal, place: own, stage: stage, bytes: try segment.recordBytes(own),
      dependents: messages == 0 ? nil : messages)
  }

  /// Where a value's bytes are in the input; the whole record where it was unpacked and offsets no longer
  /// point into the input.
  mutating func sourcePlace(
    _ value: JSONValue?, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) -> Place {
    guard let value, !isUnpacked else { return place }
    var own = parser.sourceRange(value)
    guard !segment.isGathered else { return segment.originalPlace(own) ?? place }
    if segment.layout == .members {
      // A member was parsed in braces of its own.
      let shift = range.lowerBound - 1
      own = own.lowerBound + shift..<own.upperBound + shift
    }
    guard range.lowerBound <= own.lowerBound, own.upperBound <= range.upperBound else {
      return place
    }
    var exact = place
    exact.byteOffset += own.lowerBound - range.lowerBound
    // Records of lines are on the line they are; others count only the way to the value.
    if segment.layout != .lines {
      exact.line = lineCursor.line(of: own.lowerBound, in: segment, from: range, place)
    }
    exact.byteLength = own.count
    return exact
  }
}
