/// What a record of a tool-call log is, of the shapes that stand beside each other in one file.
struct LoggedCall {
  enum Shape {
    /// A call with its times, its arguments and how it ended.
    case call
    /// The same as the server's boundary counted it: it may have an end marker behind it.
    case boundaryCall
    /// The boundary's second record of one call, which says that it has ended.
    case boundaryEnd
    /// A call or its error in short, written when it was over.
    case summary
    /// The beginning of a call whose end is a record of its own.
    case start
    case end
    /// Something that happened meanwhile.
    case step
  }

  var shape: Shape
  var tool: JSONValue
  /// What the records of one call have in common; it may come again with another call.
  var id: JSONValue?
  var time: JSONValue?

  /// Nil of anything else.
  init?(_ record: JSONValue, of tape: borrowing JSONTape) {
    guard tape.kind(record) == .object else { return nil }
    if let tool = tape.present(record, "tool_name"), tape.member(record, "start_ts") != nil {
      self.tool = tool
      time = tape.present(record, "start_ts")
      shape = .call
      let provider = tape.present(record, "provider")
      guard let provider, tape.equals(provider, "boundary"),
        let arguments = tape.present(record, "args")
      else { return }
      let event = tape.present(arguments, "event")
      shape = event.map { tape.equals($0, "TOOL_COMPLETED") } == true ? .boundaryEnd : .boundaryCall
      id = tape.present(arguments, "req_id")
    } else if let tool = tape.present(record, "tool"), tape.member(record, "timestamp") != nil {
      self.tool = tool
      time = tape.present(record, "timestamp")
      id = tape.present(record, "request_id")
      shape = tape.present(record, "event").map { Self.shape(ofEvent: $0, tape) } ?? .summary
    } else {
      return nil
    }
  }

  private static func shape(ofEvent event: JSONValue, _ tape: borrowing JSONTape) -> Shape {
    if tape.equals(event, "tool_start") { return .start }
    if tape.equals(event, "tool_complete") || tape.equals(event, "tool_error") { return .end }
    return .step
  }

  /// Whether an end may be joined to it.
  var isBeginning: Bool { shape == .start || shape == .boundaryCall }

  /// Whether it ends what a record before it began.
  var isEnd: Bool { shape == .end || shape == .boundaryEnd }

  /// What a beginning has in common with its end; nil of other records, and of those without an id.
  func pair(of tape: borrowing JSONTape) -> [UInt8]? {
    guard isBeginning || isEnd, let id, tape.kind(id) == .string, !tape.isBlank(id) else {
      return nil
    }
    let family = shape == .start || shape == .end ? "event" : "boundary"
    return Array("\(family)\u{1F}".utf8) + tape.decoded(tool) + [0x1F] + tape.decoded(id)
  }
}
