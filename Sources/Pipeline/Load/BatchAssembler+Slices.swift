/// Conversations whose messages are fetched a slice at a time.
extension BatchAssembler {
  /// Adds the draft's session in batches of its own, one a slice, each with the session's row.
  ///
  /// As in ``addInParts(_:_:_:_:_:_:)`` the messages are gone through once before the first of them is handed over.
  mutating func addInSlices(
    _ slices: ConversationSlices, _ beginning: SessionState, _ segment: InputSegment,
    _ range: Range<Int>, _ place: Place, _ flush: (inout RowBatch) throws -> Void
  ) throws {
    if batch.recordCount > 0 { try handOver(segment, flush) }
    let before = batch
    batch = RowBatch(findings: before.findings.emptied)
    var whole = beginning
    let own = parser.tape[parser.tape.root].flags
    var flags: JSONTape.Flags = []
    try slices.rewind()
    while let slice = try slices.next(messageLimit: batchRows) {
      flags.formUnion(try settle(slice, &whole, place))
      batch.forgetRows()
    }
    finish(&whole, place, found: slices.messageCount)
    let refusal = batch.findings.takeRaised()
    let seen = batch
    batch = before
    note(flags.subtracting(own), place)
    if let raised = batch.findings.takeRaised() {
      return try rejectSession(
        raised, segment, range, place, .extract, messages: slices.messageCount, flush)
    }
    if let refusal {
      batch.findings.merge(seen.findings)
      return try rejectSession(
        refusal, segment, range, place, .validate, messages: slices.messageCount, flush)
    }
    var state = beginning
    try slices.rewind()
    while let slice = try slices.next(messageLimit: batchRows) {
      if slice.firstMessage > 0 {
        addPart(whole, &state, place)
        try handOver(segment, flush)
      }
      batch.keep(slice)
      batch.sourceBytes += slice.bytes.count
      _ = try settle(slice, &state, place)
    }
    if state.isContinued { batch.continuesSession = true }
    finish(&state, place, found: slices.messageCount)
  }

  /// Settles the messages of a slice, while the record they are of waits with its tape.
  ///
  /// - Returns: what is odd about the slice's JSON.
  private mutating func settle(
    _ slice: InputSegment, _ state: inout SessionState, _ place: Place
  ) throws(RunError) -> JSONTape.Flags {
    let started = ContinuousClock.now
    swap(&parser, &scratch)
    defer {
      parser.tape.shrink()
      swap(&parser, &scratch)
    }
    let range = slice.records[0]
    if let refusal = parser.parse(slice.bytes, range, slicing: slicing) {
      throw RunError(.failed, "a slice of a conversation: \(refusal.message)")
    }
    batch.clock.add(.extract, nanoseconds: StageClock.nanoseconds(since: started))
    let isOfTable = format == .conversationsTable
    guard let list = parser.tape.present(parser.tape.root, isOfTable ? "rows" : "messages") else {
      return []
    }
    let flags = parser.tape[parser.tape.root].flags
    guard let sliced = parser.tape.slices(of: list) else {
      if isOfTable {
        conversationsTable.mapRows(list, from: slice.firstMessage, of: parser.tape, into: &draft)
      } else {
        messagesDump.mapMessages(list, from: slice.firstMessage, of: parser.tape, into: &draft)
      }
      _ = noteDraft(place, of: slice, range)
      settleMessages(&state, slice, range, place)
      draft.clearMessages()
      return flags
    }
    for var piece in sliced.slices {
      piece.first += slice.firstMessage
      try settle(piece, &state, slice, range, place)
    }
    return flags
  }
}

/// Conversations of dumps that are rejected whole.
extension BatchAssembler {
  /// Rejects a conversation in pieces of a slice each, in batches of their own, so that no more of it is held than
  /// of one that is loaded.
  ///
  /// Each piece is a dump of its rows, and the first has the conversation's own row.
  mutating func rejectInPieces(
    _ slices: ConversationSlices, _ refusal: Refusal, _ segment: InputSegment, _ place: Place,
    _ stage: Stage, _ flush: (inout RowBatch) throws -> Void
  ) throws {
    var refusal = refusal
    var bytes = segment.isOfFirstMessage ? [] : segment.sourceBytes(place)
    var number = 0
    try slices.rewind()
    var slice = try slices.next(messageLimit: batchRows)
    repeat {
      if let slice { bytes += slice.rowBytes() }
      origin.piece = number
      reject(
        .session, refusal, place: place, stage: stage, bytes: bytes,
        dependents: slice?.spans.count { $0.row?.isMerged != true })
      // It is one finding.
      refusal.isCounted = true
      bytes = []
      number += 1
      try handOver(segment, flush)
      slice = try slices.next(messageLimit: batchRows)
    } while slice != nil
    origin.piece = nil
  }
}

extension InputSegment {
  /// Whether a record without a row of its conversation has the first message's place.
  fileprivate var isOfFirstMessage: Bool {
    spans.first?.row.flatMap { rows?.layouts[$0.layout].table.isOfMessages } ?? false
  }

  /// A dump of the rows that the records were put together from.
  fileprivate func rowBytes() -> [UInt8] {
    var bytes: [UInt8] = []
    for record in records {
      if let place = gatheredPlace(record) { bytes += sourceBytes(place) }
    }
    return bytes
  }

  /// The bytes of a record, with those of the messages it lacks.
  ///
  /// - Throws: ``RunError`` when these cannot be read back.
  func recordBytes(_ place: Place) throws(RunError) -> [UInt8] {
    guard let slices else { return sourceBytes(place) }
    var bytes = isOfFirstMessage ? [] : sourceBytes(place)
    try slices.rewind()
    while let slice = try slices.next(messageLimit: .max) {
      if rows != nil {
        bytes += slice.rowBytes()
        continue
      }
      for record in slice.records {
        guard let place = slice.gatheredPlace(record) else { continue }
        Self.append(listOf: slice.sourceBytes(place), to: &bytes)
      }
    }
    return bytes
  }

  /// Puts the elements of a slice of JSON into the list that is the last member of a record.
  private static func append(listOf slice: [UInt8], to record: inout [UInt8]) {
    guard let start = slice.firstIndex(of: UInt8(ascii: "[")) else { return }
    record.removeLast(2)
    if record.last != UInt8(ascii: "[") { record.append(UInt8(ascii: ",")) }
    record += slice[(start + 1)...]
  }
}
