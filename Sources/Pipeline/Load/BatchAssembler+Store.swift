/// Sessions of a store that is one record, and those of Redis, which has threads too.
extension BatchAssembler {
  /// Maps the sessions of Auggie's store: those on the tape, then those that are text inside the record.
  mutating func mapStore(
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place,
    _ flush: (inout RowBatch) throws -> Void
  ) throws {
    let root = parser.tape.root
    let dumped = threads.dumped(root, of: parser.tape)
    if threads.areKeyed(root, of: parser.tape)
      || dumped?.key?.starts(with: ThreadDocument.keyPrefix) == true
    {
      speak(.threads)
      defer { speak(.auggie) }
      return try mapThreads(segment, range, place, flush)
    }
    var found = auggieSessions()
    if let document = retried?.origin.document {
      let key = Array(document.utf8)
      let own = found.first { $0.key == key }
      found = [own ?? .init(key: key, id: key, session: .value(root))]
    }
    if found.isEmpty {
      draft.session.source = root
      draft.refusal = Refusal(rule: .recordShape, message: "the record is no store of sessions")
      try addSession(segment, range, place, flush)
    }
    for one in found {
      guard case .value(let root) = one.session else { continue }
      try begin(one, segment, place, isPacked: false, flush)
      map(one, root)
      // Without its key and the like a session that was dumped by itself would not be whole.
      if one.dumped != nil { draft.session.source = nil }
      try addSession(segment, range, place, flush)
    }
    // These take the tape over, so they come last.
    for one in found {
      guard case .text(let text) = one.session else { continue }
      isUnpacked = true
      try begin(one, segment, place, isPacked: true, flush)
      if let refusal = parser.parse(text, 0..<text.count) {
        draft.refusal = refusal
      } else if parser.tape.kind(parser.tape.root) != .object {
        draft.refusal = Refusal(
          rule: .recordShape, field: "value", message: "the value is not a session")
      } else {
        noteDamage(place)
        map(one, parser.tape.root)
        draft.refusal = draft.refusal ?? batch.findings.takeRaised()
      }
      try addSession(segment, range, place, flush)
    }
  }

  private func auggieSessions() -> [AuggieSessions.Found] {
    let root = parser.tape.root
    if let dumped = threads.dumped(root, of: parser.tape), let own = auggie.session(dumped: dumped)
    {
      return [own]
    }
    return auggie.sessions(root, of: parser.tape)
  }

  private mutating func map(_ found: AuggieSessions.Found, _ root: JSONValue) {
    auggie.map(root, found: found, of: parser.tape, into: &draft)
    if let dumped = found.dumped {
      threads.addDetails(of: dumped, isKeyKnown: true, to: &draft)
    }
  }

  private mutating func begin(
    _ found: AuggieSessions.Found, _ segment: InputSegment, _ place: Place, isPacked: Bool,
    _ flush: (inout RowBatch) throws -> Void
  ) throws {
    if batch.recordCount >= batchRows { try handOver(segment, flush) }
    draft.clear()
    beginOrigin(place)
    origin.document = found.key
    origin.isPacked = isPacked
  }

  /// Whether the record on the tape is of Auggie's, `found` being what the dialect of threads finds in it.
  func isOfAuggie(_ found: [ThreadDocument.Found]) -> Bool {
    if found.isEmpty { return auggie.areKeyed(parser.tape.root, of: parser.tape) }
    return found.first?.key?.starts(with: AuggieSessions.keyPrefix) ?? false
  }

  /// The text of the session or thread that a reject says is text inside the record on the tape.
  func packedText(isRow: Bool) -> [UInt8]? {
    guard let retried else { return nil }
    let document: ThreadDocument.Found.Document?
    if format == .auggie {
      let key = Array((retried.origin.document ?? "").utf8)
      document = auggieSessions().first { $0.key == key }?.session
    } else {
      let found = threads.documents(parser.tape.root, isRow: isRow, of: parser.tape)
      document = retried.choose(found, parser.tape.root).first?.document
    }
    guard case .text(let text) = document else { return nil }
    return text
  }
}
