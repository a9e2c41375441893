/// What each dialect makes of a record.
extension BatchAssembler {
  mutating func map(
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place, _ number: Int,
    _ flush: (inout RowBatch) throws -> Void
  ) throws {
    draft.clear()
    switch format {
    case .chatHistory:
      guard let continuationId = openFile?.state.continuationId else { return }
      mapLine(number, continuationId)
      addToFile(segment, range, place)
    case .openAIChat:
      if !openAIChat.areMessages(parser.tape) { _ = parse(segment, range, slicing: nil) }
      let digest = try digestOfSlices()
      openAIChat.map(
        parser.tape.root, digest: digest, of: parser.tape, scratch: &scratch.tape, into: &draft)
      try joinPairs()
      if let model = OpenAIChat.model(parser.tape.root, of: parser.tape),
        parser.tape.kind(model) == .string
      {
        origin.model = parser.tape.decoded(model)
      }
      try addSession(segment, range, place, flush)
    case .requestResponse:
      requestResponse.map(parser.tape.root, of: parser.tape, into: &draft)
      try addSession(segment, range, place, flush)
    case .messagesDump:
      if !messagesDump.areMessages(parser.tape) { _ = parse(segment, range, slicing: nil) }
      messagesDump.map(parser.tape.root, of: parser.tape, into: &draft)
      try addSession(segment, range, place, flush)
    case .conversationsTable:
      if !conversationsTable.areRows(parser.tape) { _ = parse(segment, range, slicing: nil) }
      conversationsTable.map(parser.tape.root, of: parser.tape, into: &draft)
      try addSession(segment, range, place, flush)
    case .toolCalls:
      toolCalls.map(parser.tape.root, of: parser.tape, into: &draft)
      try addSession(segment, range, place, flush)
    case .auggie: try mapStore(segment, range, place, flush)
    case .conversationTracker:
      conversationTracker.map(parser.tape.root, of: parser.tape, into: &draft)
      try addSession(segment, range, place, flush)
    case .agentMemory:
      let key = AgentMemory.key(inputName: inputs[Int(place.input)].name)
      agentMemory.map(parser.tape.root, key: key, of: parser.tape, into: &draft)
      try addSession(segment, range, place, flush)
    case .threads: try mapThreads(segment, range, place, flush)
    }
  }

  /// Maps the line on the tape, the `number`-th of its file.
  mutating func mapLine(_ number: Int, _ continuationId: [UInt8]) {
    chatHistory.map(
      parser.tape.root, index: number, continuationId: continuationId, of: parser.tape,
      into: &draft)
  }

  mutating func mapThreads(
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place,
    _ flush: (inout RowBatch) throws -> Void
  ) throws {
    let isRow = segment.rows != nil
    var found = threads.documents(parser.tape.root, isRow: isRow, of: parser.tape)
    if !isRow, isOfAuggie(found) {
      speak(.auggie)
      defer { speak(.threads) }
      if !parser.tape.slicedArrays.isEmpty { _ = parse(segment, range, slicing: nil) }
      return try mapStore(segment, range, place, flush)
    }
    if !threads.areTurns(of: found, parser.tape) {
      // It could be read a moment ago.
      _ = parse(segment, range, slicing: nil)
      found = threads.documents(parser.tape.root, isRow: isRow, of: parser.tape)
    }
    if let retried { found = retried.choose(found, parser.tape.root) }
    if found.isEmpty {
      draft.session.source = parser.tape.root
      let problem = isRow ? parser.tape.present(parser.tape.root, "refusal") : nil
      draft.refusal = Refusal(
        rule: .recordShape,
        message: problem.map { String(decoding: parser.tape.decoded($0), as: UTF8.self) }
          ?? "the record is not a thread document")
      try addSession(segment, range, place, flush)
      return
    }
    for one in found {
      guard case .value(let root) = one.document else { continue }
      draft.clear()
      beginDocument(one, place, isPacked: false)
      threads.map(root, found: one, of: parser.tape, into: &draft)
      // Without its key and the like a document that is alone in its record would not be whole.
      if found.count == 1 { draft.session.source = nil }
      try addSession(segment, range, place, flush)
    }
    // Documents that are text inside the record take the tape over, so they come last.
    for one in found {
      guard case .text(let text) = one.document else { continue }
      isUnpacked = true
      draft.clear()
      beginDocument(one, place, isPacked: true)
      if let refusal = parseDocument(text) {
        draft.refusal = refusal
      } else if parser.tape.kind(parser.tape.root) != .object {
        draft.refusal = Refusal(
          rule: .recordShape, field: "value", message: "the value is not a thread document")
      } else {
        noteDamage(place)
        threads.map(parser.tape.root, found: one, of: parser.tape, into: &draft)
        draft.refusal = draft.refusal ?? batch.findings.takeRaised()
      }
      try addSession(segment, range, place, flush)
    }
  }

  /// Puts a document that was text inside the record on the tape.
  private mutating func parseDocument(_ text: [UInt8]) -> Refusal? {
    if let refusal = parser.parse(text, 0..<text.count, slicing: slicing) { return refusal }
    let own = ThreadDocument.Found(document: .value(parser.tape.root))
    guard !threads.areTurns(of: [own], parser.tape) else { return nil }
    return parser.parse(text, 0..<text.count)
  }

  private mutating func beginDocument(
    _ found: ThreadDocument.Found, _ place: Place, isPacked: Bool
  ) {
    beginOrigin(place)
    origin.document = found.key
    origin.isPacked = isPacked
  }
}
