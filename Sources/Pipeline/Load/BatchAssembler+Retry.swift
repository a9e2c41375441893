/// Rejects on their way to rows again, by the same stages as the records of an input.
extension BatchAssembler {
  /// Adds what can be loaded of a group to the batch and rejects the rest again.
  ///
  /// - Parameters:
  ///   - group: rejects that belong together.
  ///   - known: what the target has of the messages' session; nil if it does not have it.
  ///   - flush: as of ``add(_:flush:)``.
  /// - Throws: what `flush` throws.
  mutating func retry(
    _ group: RejectGroup, _ known: KnownSession?, flush: (inout RowBatch) throws -> Void
  ) throws {
    for reject in group.repeated where !reject.isFurtherPiece {
      batch.count(reject.place.input) { $0.count(reject.kind, \.merged) }
    }
    guard let first = group.rejects.first else { return }
    switch (group.work, first.origin) {
    case (.record, let origin?):
      retried = RetriedRecords(origin: origin)
      try add(InputSegment(first, zone: plan.zones[.messagesDump]), flush: flush)
    case (.pieces(let part, let batchBytes), let origin?):
      retried = RetriedRecords(origin: origin)
      while let whole = try part.nextBatch(batchBytes: batchBytes) {
        for segment in whole.segments { try add(segment, flush: flush) }
      }
    case (.messages, let origin?):
      speak(origin.dialect)
      retried = RetriedRecords(origin: origin, isNew: known == nil)
      retryMessages(group, origin, known)
      if batch.rowCount >= batchRows { try self.flush(flush) }
    case (.kept(let reason), _): keep(group, reason)
    case (_, nil): keep(group, "its line does not say what its row depends on")
    }
    retried = nil
  }

  /// Passes rejects on as they are.
  private mutating func keep(_ group: RejectGroup, _ reason: String) {
    for reject in group.rejects {
      batch.rejects.append(reject)
      guard !reject.isFurtherPiece else { continue }
      batch.count(reject.place.input) { $0.count(reject.kind, \.rejected) }
      note(.rejectKept, reject.place) { reason }
    }
  }

  /// Rejects once more what nothing new was found out about but this.
  mutating func rejectAgain(_ old: Reject, _ refusal: Refusal, _ stage: Stage) {
    batch.count(old.place.input) { $0.count(old.kind, \.rejected) }
    batch.findings.note(refusal.rule, at: old.place, field: refusal.field, refusal.message)
    var reject = Reject(
      kind: old.kind, input: old.input, place: old.place, stage: stage, rule: refusal.rule,
      field: refusal.field, message: refusal.message, bytes: old.bytes)
    reject.dependentMessages = old.dependentMessages
    reject.origin = old.origin
    batch.rejects.append(reject)
  }

  private mutating func retryMessages(
    _ group: RejectGroup, _ first: RejectOrigin, _ known: KnownSession?
  ) {
    guard let session = first.session, let own = group.rejects.first else { return }
    let marker = group.rejects.first { $0.kind == .session }
    var state = SessionState(session, format, plan.ids)
    beginOrigin(own.place)
    origin.key = Array(session.key.utf8)
    origin.ownTime = state.identity.ownTime
    origin.model = session.model.map { Array($0.utf8) }
    origin.document = first.document.map { Array($0.utf8) }
    origin.isPacked = first.isPacked ?? false
    origin.isMade = session.isMade ?? false
    let messages = group.rejects.filter { $0.kind == .message }
    guard known != nil || marker != nil || origin.isMade else {
      let refusal = Refusal(
        rule: .sessionRejected,
        message: "its session is neither in the target nor among the rejects")
      for message in messages { rejectAgain(message, refusal, .load) }
      return
    }
    let pieces = wholePieces(messages)
    batch.continuesSession = true
    if format == .chatHistory {
      for piece in pieces { settleLine(piece, session, &state) }
    } else {
      settleList(pieces, session, &state)
    }
    settleSession(&state, marker, known, own.place)
  }

  private mutating func settleLine(
    _ piece: Piece, _ session: RejectOrigin.Session, _ state: inout SessionState
  ) {
    // It was read once before.
    guard parser.parse(piece.bytes, 0..<piece.bytes.count) == nil else { return }
    noteDamage(piece.reject.place)
    recordRefusal = batch.findings.takeRaised()
    draft.clear()
    mapLine(piece.message.index, state.continuationId)
    for index in draft.messages.indices {
      draft.messages[index].occurrence = piece.message.occurrence ?? 0
    }
    settle(piece.bytes, piece.reject.place, &state)
    recordRefusal = nil
  }

  /// Maps messages of one session as a record of its dialect that has only these.
  private mutating func settleList(
    _ pieces: [Piece], _ session: RejectOrigin.Session, _ state: inout SessionState
  ) {
    guard let first = pieces.first else { return }
    let record = record(of: pieces, session)
    if let refusal = parser.parse(record, 0..<record.count) {
      for piece in pieces { rejectAgain(piece.reject, refusal, .extract) }
      return
    }
    noteDamage(first.reject.place)
    // What is wrong with a record of the dialect was found where it was one.
    _ = batch.findings.takeRaised()
    draft.clear()
    let numbers = pieces.map(\.message.index)
    switch format {
    case .threads, .chatHistory:
      threads.map(
        parser.tape.root, found: .init(key: origin.key, document: .value(parser.tape.root)),
        numbers: numbers, of: parser.tape, into: &draft)
    case .openAIChat:
      openAIChat.map(
        parser.tape.root, numbers: numbers, of: parser.tape, scratch: &scratch.tape, into: &draft)
    case .requestResponse:
      requestResponse.map(parser.tape.root, numbers: numbers, of: parser.tape, into: &draft)
    case .toolCalls:
      toolCalls.map(parser.tape.root, numbers: numbers, of: parser.tape, into: &draft)
    case .auggie:
      let root = parser.tape.root
      auggie.map(
        root, found: .init(key: origin.key, id: origin.key, session: .value(root)),
        numbers: numbers, of: parser.tape, into: &draft)
    case .conversationTracker:
      conversationTracker.map(
        parser.tape.root, key: origin.key, numbers: numbers, of: parser.tape, into: &draft)
    case .agentMemory:
      agentMemory.map(
        parser.tape.root, key: origin.key, numbers: numbers, of: parser.tape, into: &draft)
    case .messagesDump:
      messagesDump.map(parser.tape.root, numbers: numbers, of: parser.tape, into: &draft)
    case .conversationsTable:
      conversationsTable.map(parser.tape.root, numbers: numbers, of: parser.tape, into: &draft)
      state.user = draft.session.user
    }
    // Of a session that has no other title it is the one a load gives.
    if case .bytes(let title) = draft.session.title, plan.title != .none {
      state.title = state.title ?? title
    }
    settle(record, first.reject.place, &state)
  }

  /// A record of the dialect that has only these messages.
  private mutating func record(
    of pieces: [Piece], _ session: RejectOrigin.Session
  ) -> [UInt8] {
    var record: [UInt8] = []
    guard !format.isGathered else {
      callComposer.begin(format, Array(session.key.utf8), in: &record)
      for (number, piece) in pieces.enumerated() {
        if number > 0 { record.append(UInt8(ascii: ",")) }
        _ = callComposer.append(
          piece.bytes, format, file: piece.reject.origin?.name ?? "", to: &record)
      }
      callComposer.end(in: &record)
      return record
    }
    if format == .messagesDump || format == .conversationsTable {
      record += Array(#"{"key":"#.utf8)
      record.appendJSONString(session.key.utf8)
      if BusPayload.made(Array(session.key.utf8)) {
        record += Array(#","bus":"#.utf8)
        record.append(busName: Array(session.key.utf8))
      }
      record += Array(",\"\(messageField)\":[".utf8)
      record += Array(pieces.map(\.bytes).joined(separator: [UInt8(ascii: ",")]))
      return record + Array("]}".utf8)
    }
    record += Array("{\"\(messageField)\":[".utf8)
    for (number, piece) in pieces.enumerated() {
      if number > 0 { record.append(UInt8(ascii: ",")) }
      record += piece.bytes
    }
    record += Array("]".utf8)
    if let model = session.model {
      record += Array(#","model":"#.utf8)
      record.appendJSONString(model.utf8)
    }
    if format == .agentMemory, let start = session.createdAt {
      record += Array(#","start_time":"#.utf8)
      record.appendJSONString(start.utf8)
    }
    record += Array("}".utf8)
    return record
  }

  private mutating func settle(
    _ bytes: [UInt8], _ place: Place, _ state: inout SessionState
  ) {
    _ = noteDraft(place)
    let segment = InputSegment(
      input: place.input, bytes: bytes, layout: .lines, records: [], byteOffset: place.byteOffset,
      firstLine: place.line, isFirst: false, isLast: false, fingerprint: [])
    settleMessages(&state, segment, 0..<bytes.count, place)
  }

  /// Writes the row of the session, or one that leads its messages to the row that is there.
  private mutating func settleSession(
    _ state: inout SessionState, _ marker: Reject?, _ known: KnownSession?, _ place: Place
  ) {
    guard state.accepted > 0 else {
      if let marker {
        rejectAgain(
          marker,
          Refusal(
            rule: .sessionRejected, message: "none of the conversation's messages can be loaded"),
          .validate)
      }
      return
    }
    if let place = marker?.place ?? (known == nil && origin.isMade ? place : nil) {
      batch.count(place.input) { $0.sessions.read += 1 }
      if state.title == nil, plan.title != .none {
        state.title = SessionTitle.fallback(state.continuationId)
      }
      draft.clear()
      encodeSession(&state, place, entries: 0..<0)
      return
    }
    guard let known else { return }
    var formerTitle: [UInt8]?
    if state.title == nil || !isOwnTitle(known, state) {
      state.title = known.title
    } else {
      formerTitle = known.title
    }
    state.isContinued = true
    // A call's result says nothing of it.
    let isTimed =
      retried?.messages.values.contains { $0.origin.call == nil && $0.origin.isTimed } ?? true
    sessions.encodeAttachment(
      state, formerTitle: formerTitle,
      formerTime: isTimed || state.created == nil ? nil : known.defaultTime, place: place,
      into: &batch.sessions)
    batch.sessions.describeLast(origin: keepOrigin(), isAttachment: true)
    batch.endSession()
  }

  /// Whether the title in the target is the one a load gives, and not somebody's own.
  private func isOwnTitle(_ known: KnownSession, _ state: SessionState) -> Bool {
    guard let title = known.title else { return true }
    if title == SessionTitle.fallback(state.continuationId) { return true }
    return known.firstUserText.map {
      SessionTitle.cut($0, length: plan.titleLength) == title
    } ?? false
  }
}

extension Tally {
  /// Counts one record that was read and what became of it.
  mutating func count(_ kind: Reject.Kind, _ outcome: WritableKeyPath<Counts, Int>) {
    let counts: WritableKeyPath<Tally, Counts> =
      switch kind {
      case .session: \.sessions
      case .message: \.messages
      case .file: \.files
      }
    self[keyPath: counts].read += 1
    self[keyPath: counts][keyPath: outcome] += 1
  }
}
