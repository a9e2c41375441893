/// Places of messages, which rejects that are tried again bring along.
///
/// What is asked for each message is mutating though it changes nothing: a method that is not is lent a copy of
/// the assembler, which has four kilobytes.
extension BatchAssembler {
  mutating func messagePlace(
    _ draft: borrowing MessageDraft, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) -> Place {
    if retried != nil, let known = retried?.messages[draft.index] { return known.place }
    return sourcePlace(draft.source, segment, range, place)
  }

  /// The input a message counts for: its record's, or its own where a record was put together.
  mutating func countedInput(
    _ draft: borrowing MessageDraft, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) -> Int32 {
    guard segment.isGathered, let source = draft.source else { return place.input }
    return sourcePlace(source, segment, range, place).input
  }

  mutating func resultPlace(
    _ draft: borrowing MessageDraft, _ segment: InputSegment, _ range: Range<Int>, _ place: Place
  ) -> (place: Place, index: Int)? {
    guard let result = draft.result, let index = draft.resultIndex else { return nil }
    let known = retried?.messages[index]?.place
    return (known ?? sourcePlace(result, segment, range, place), index)
  }

  func bytes(at place: Place, _ segment: InputSegment) -> [UInt8] {
    retried == nil ? segment.sourceBytes(place) : batch.sourceBytes(place)
  }

  /// What stood in the field that a message is refused for, of rules whose rejects differ in it.
  func valueShape(
    _ rule: Rule, _ draft: borrowing MessageDraft, _ settled: PreparedMessage
  ) -> ValueShape? {
    switch rule {
    case .roleMissing: return ValueShape(draft.role, of: parser.tape)
    case .roleUnknown:
      guard case .value(let role) = draft.role else { return nil }
      let word = String(decoding: parser.tape.decoded(role), as: UTF8.self)
      // A longer one is no role, and its beginning none of the pipeline's business.
      return ValueShape(.text, pattern: word.count <= 40 ? word : nil)
    case .contentMissing: return ValueShape(draft.content, of: parser.tape)
    case .timeInvalid:
      guard let time = draft.time else { return nil }
      var shape = ValueShape(time, of: parser.tape)
      if shape.kind == .text { shape.pattern = ValueShape.mask(parser.tape.decoded(time)) }
      return shape
    case .timeRange:
      guard let time = settled.claimedTime, let value = draft.time else { return nil }
      var shape = ValueShape(value, of: parser.tape)
      shape.pattern = String(time.rfc3339.prefix { $0 != "T" }.dropLast(6))
      shape.bound = time < plan.possible.lowerBound ? .earliest : .latest
      return shape
    default: return nil
    }
  }

  /// What a reject of a message that has a row would say of it.
  mutating func loadedOrigin(
    _ draft: borrowing MessageDraft, _ message: borrowing PreparedMessage
  ) -> MessageOrigin {
    if retried != nil, let known = retried?.messages[draft.index] { return known.origin }
    var origin = MessageOrigin(
      index: draft.index, occurrence: draft.occurrence, part: draft.part)
    if let time = message.time {
      let created = message.created ?? time
      origin.tieMicroseconds = Int(created.microseconds - time.microseconds)
    } else {
      origin.created = message.created
    }
    return origin
  }

  /// What the reject of a refused message says of it; keeps its place in the order of the session.
  func refusedOrigin(
    _ draft: MessageDraft, _ message: PreparedMessage, _ state: inout SessionState
  ) -> MessageOrigin {
    if let known = retried?.messages[draft.index] { return known.origin }
    var origin = MessageOrigin(
      index: draft.index, occurrence: draft.occurrence, part: draft.part,
      isTitled: state.title != nil, isTimed: state.created != nil)
    if let time = message.time ?? message.claimedTime {
      let placed = state.order.reserve(time)
      origin.tieMicroseconds = Int(placed.microseconds - time.microseconds)
    } else if draft.time.map({ parser.tape.kind($0) == .string && parser.tape.isBlank($0) }) ?? true
    {
      origin.created = (state.timeBeside ?? absentTime).map { state.order.reserve($0) }
    }
    return origin
  }
}
