internal import Crypto

/// Sessions that are more than a batch, as a record of a million turns is.
extension BatchAssembler {
  /// Settles some of the draft's messages, which are not on the tape but now.
  mutating func settle(
    _ slice: SlicedArray.Slice, _ state: inout SessionState, _ segment: InputSegment,
    _ range: Range<Int>, _ place: Place
  ) throws(RunError) {
    let started = ContinuousClock.now
    switch format {
    case .threads, .chatHistory, .requestResponse, .toolCalls, .auggie, .conversationTracker,
      .agentMemory:
      try parser.beginSlice(slice.range)
      threads.mapTurns(parser.tape.root, from: slice.first, of: parser.tape, into: &draft)
    case .messagesDump:
      try parser.beginSlice(slice.range)
      messagesDump.mapMessages(
        parser.tape.root, from: slice.first, of: parser.tape, into: &draft)
      _ = noteDraft(place, of: segment, range)
    case .conversationsTable:
      try parser.beginSlice(slice.range)
      conversationsTable.mapRows(
        parser.tape.root, from: slice.first, of: parser.tape, into: &draft)
      _ = noteDraft(place, of: segment, range)
    case .openAIChat:
      let model = try parser.beginSlice(
        slice.range, keeping: OpenAIChat.model(parser.tape.root, of: parser.tape))
      openAIChat.mapMessages(
        parser.tape.root, from: slice.first, model: model, of: parser.tape, scratch: &scratch.tape,
        into: &draft)
      // Notes of this dialect are about messages, and whole records are not refused for them.
      _ = noteDraft(place, of: segment, range)
    }
    batch.clock.add(.extract, nanoseconds: StageClock.nanoseconds(since: started))
    settleMessages(&state, segment, range, place)
    draft.clearMessages()
    parser.endSlice()
  }

  /// SHA-256 of the canonical text of a record whose messages are not all on the tape; nil where they are.
  mutating func digestOfSlices() throws(RunError) -> [UInt8]? {
    guard let sliced = parser.tape.slicedArrays.first else { return nil }
    let (head, tail) = CanonicalJSON.halves(
      parser.tape.root, around: sliced.array, of: parser.tape)
    var hash = SHA256()
    hash.update(data: head)
    var text: [UInt8] = []
    for slice in sliced.slices {
      try parser.beginSlice(slice.range)
      text.removeAll(keepingCapacity: true)
      CanonicalJSON.append(parser.tape.root, of: parser.tape, to: &text)
      parser.endSlice()
      // Of the slice's own brackets the first is the comma between it and the one before.
      text[0] = UInt8(ascii: ",")
      hash.update(data: text[(slice.first == 0 ? 1 : 0)..<text.count - 1])
    }
    hash.update(data: tail)
    return Array(hash.finalize())
  }

  /// Puts calls and their results into one slice of the draft's messages each.
  mutating func joinPairs() throws(RunError) {
    guard let sliced = draft.sliced else { return }
    var pairing = ToolPairing()
    for slice in sliced.slices {
      try parser.beginSlice(slice.range)
      let pairs = pairing.next(parser.tape.root, from: slice.first, of: parser.tape)
      parser.endSlice()
      draft.sliced?.join(pairs.filter { $0.first < slice.first })
    }
  }

  /// Adds the draft's session in batches of its own, each with the session's row.
  ///
  /// That row is made of all the messages, and there may turn out to be none: so they are gone through
  /// once before the first of them is handed over.
  mutating func addInParts(
    _ sliced: SlicedArray, _ beginning: SessionState, _ segment: InputSegment,
    _ range: Range<Int>, _ place: Place, _ flush: (inout RowBatch) throws -> Void
  ) throws {
    if batch.recordCount > 0 { try handOver(segment, flush) }
    let before = batch
    batch = RowBatch(findings: before.findings.emptied)
    var whole = beginning
    for slice in sliced.slices {
      try settle(slice, &whole, segment, range, place)
      batch.forgetRows()
    }
    finish(&whole, place, found: sliced.count)
    let refusal = batch.findings.takeRaised()
    let seen = batch
    batch = before
    if let refusal {
      batch.findings.merge(seen.findings)
      try rejectSession(
        refusal, segment, range, place, .validate, messages: sliced.count, flush)
      return
    }
    var state = beginning
    for slice in sliced.slices {
      if batch.recordCount > 0, batch.recordCount + slice.count > batchRows {
        addPart(whole, &state, place)
        try handOver(segment, flush)
      }
      try settle(slice, &state, segment, range, place)
    }
    if state.isContinued { batch.continuesSession = true }
    finish(&state, place, found: sliced.count)
  }

  /// Writes the row of a session whose further messages are another batch's.
  mutating func addPart(_ whole: SessionState, _ state: inout SessionState, _ place: Place) {
    guard !draft.session.isMade || !whole.isRejected else { return }
    var row = whole
    row.isContinued = state.isContinued
    if state.isContinued {
      batch.continuesSession = true
    } else {
      batch.count(place.input) { $0.sessions.read += 1 }
    }
    // What became of its fields is noted once, with the last row.
    _ = appendRow(of: row, place, entries: draft.session.entries)
    state.isContinued = true
    batch.isContinuedLater = true
  }

  /// Hands the batch over in the middle of a record.
  mutating func handOver(
    _ segment: InputSegment, _ flush: (inout RowBatch) throws -> Void
  ) throws {
    try self.flush(flush)
    batch.keep(segment)
  }
}
