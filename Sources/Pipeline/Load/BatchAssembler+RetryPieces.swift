/// The records that rejects are pieces of, made whole to be tried again.
extension BatchAssembler {
  /// A message that is ready to be mapped.
  struct Piece {
    var reject: Reject
    var bytes: [UInt8]
    var message: RejectOrigin.Message
  }

  /// The messages that can be read and whose calls are there too; the others are rejected again.
  mutating func wholePieces(_ rejects: [Reject]) -> [Piece] {
    var pieces: [Piece] = []
    for reject in rejects {
      guard let origin = reject.origin, let message = origin.message else { continue }
      let segment = InputSegment(reject, zone: plan.zones[.messagesDump])
      batch.keep(segment)
      batch.clock.count(.extract, records: 1)
      if let refusal = parse(segment) {
        rejectAgain(reject, refusal, .extract)
        continue
      }
      var bytes = reject.bytes
      if origin.isPacked ?? false {
        guard let entry = unpackedEntry(message.index, isRow: reject.isDump) else {
          rejectAgain(
            reject,
            Refusal(rule: .recordShape, message: "the record does not have this message"), .extract)
          continue
        }
        bytes = entry
      } else if format == .messagesDump {
        guard let row = composedMessage() else {
          rejectAgain(
            reject,
            Refusal(rule: .recordShape, message: "it is no row of messages"), .extract)
          continue
        }
        bytes = row
        // An id that did not become the row's does not now either.
        if message.occurrence != nil { bytes = row.dropLast() + Array(",\"repeated\":true}".utf8) }
      }
      pieces.append(Piece(reject: reject, bytes: bytes, message: message))
    }
    let indexes = Set(pieces.map(\.message.index))
    for piece in pieces {
      guard let call = piece.message.call, !indexes.contains(call) else { continue }
      rejectAgain(
        piece.reject,
        Refusal(
          rule: piece.reject.rule, field: piece.reject.field,
          message: "the call whose result it is is not among the rejects"), .extract)
    }
    pieces.removeAll { piece in piece.message.call.map { !indexes.contains($0) } ?? false }
    for piece in pieces {
      retried?.messages[piece.message.index] = .init(
        place: piece.reject.place, origin: MessageOrigin(piece.message))
    }
    return pieces
  }

  /// Puts a reject's bytes on the tape as a record of the input they come from.
  mutating func parse(_ segment: InputSegment) -> Refusal? {
    guard segment.layout == .members else {
      return parser.parse(segment.bytes, 0..<segment.bytes.count)
    }
    let wrapped = [UInt8(ascii: "{")] + segment.bytes + [UInt8(ascii: "}")]
    return parser.parse(wrapped, 0..<wrapped.count)
  }

  /// A turn or an exchange of what is text inside the record on the tape.
  mutating func unpackedEntry(_ index: Int, isRow: Bool) -> [UInt8]? {
    guard let text = packedText(isRow: isRow), parser.parse(text, 0..<text.count) == nil,
      let list = parser.tape.member(parser.tape.root, format == .auggie ? "history" : "turns"),
      parser.tape.kind(list) == .array
    else { return nil }
    // An exchange is two messages.
    let position = format == .auggie ? index / 2 : index
    var entry: JSONValue?
    var number = 0
    parser.tape.forEachElement(list) { element in
      if number == position { entry = element }
      number += 1
    }
    return entry.map { Array(text[parser.sourceRange($0)]) }
  }

  /// The only message of the conversation on the tape, which was put together from a row.
  func composedMessage() -> [UInt8]? {
    guard let list = parser.tape.present(parser.tape.root, "messages") else { return nil }
    var only: JSONValue?
    parser.tape.forEachElement(list) { only = only ?? $0 }
    return only.map { Array(parser.tape.bytes[parser.tape.sourceRange($0)]) }
  }
}
