/// Logs of tool calls: a record is what one log says of one day.
///
/// A call is one system message, whatever number of records it has: an end is joined to the beginning right
/// before it. Calls are put in that order by ``LogIndex``; ``CallComposer`` says what an element of `records`
/// is. A log says of no conversation whose calls they are.
struct ToolCalls {
  private enum Field: String, CaseIterable, Sendable {
    case provider, args, params, error, result, message, tool, timestamp
    case toolName = "tool_name"
    case start = "start_ts"
    case latency = "latency_ms"
    case requestId = "request_id"
    case preview = "result_preview"
    case isTruncated = "result_truncated"
  }

  private let fields = KeyTable<Field>()

  /// Members that only metadata has a place for.
  private static let keptNames: [StaticString] = [
    "event", "datetime", "ok", "end_ts", "citations", "duration_s", "duration_secs", "step",
    "metadata", "traceback", "result_preview_len", "prompt_bullets", "summary_words",
    "summary_text",
  ]

  private static func title(_ key: [UInt8]) -> [UInt8] {
    let parts = key.split(separator: UInt8(ascii: ":"))
    return Array("Tool calls".utf8) + parts.dropFirst().flatMap { [0x20] + $0 }
  }

  /// Maps one day.
  ///
  /// `numbers` are the positions of its records where these are not all there are.
  func map(
    _ root: JSONValue, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    guard tape.kind(root) == .object, let key = tape.present(root, "log"),
      let records = tape.present(root, "records"), tape.kind(records) == .array
    else {
      draft.session.source = root
      draft.refusal = Refusal(rule: .recordShape, message: "the record is not one of a tool call")
      return
    }
    draft.session.key = tape.decoded(key)
    draft.session.continuationId = .value(key)
    draft.session.title = .bytes(Self.title(draft.session.key))
    draft.session.isMade = true
    var begun: Logged?
    var index = 0
    tape.forEachElement(records) { element in
      let number = numbers.isEmpty ? index : numbers[index]
      index += 1
      guard let logged = Logged(element, number, of: tape) else {
        var message = MessageDraft(index: number)
        message.source = tape.present(element, "record")
        message.refusal = Refusal(
          rule: .recordShape, field: nil, message: "the record is not one of a tool call")
        draft.messages.append(message)
        return
      }
      if let before = begun.take() {
        if logged.call.isEnd, logged.isOfOneCall(with: before, tape) {
          add(before, endedBy: logged, isWhole: numbers.isEmpty, of: tape, into: &draft)
          return
        }
        add(before, isWhole: numbers.isEmpty, of: tape, into: &draft)
      }
      if logged.call.isBeginning {
        begun = logged
      } else {
        add(logged, isWhole: numbers.isEmpty, of: tape, into: &draft)
      }
    }
    if let begun { add(begun, isWhole: numbers.isEmpty, of: tape, into: &draft) }
  }

  /// An element whose record is one of a log.
  private struct Logged {
    var index: Int
    var record: JSONValue
    var call: LoggedCall
    /// Milliseconds.
    var latency: JSONValue?

    init?(_ element: JSONValue, _ index: Int, of tape: borrowing JSONTape) {
      guard let record = tape.present(element, "record"), let call = LoggedCall(record, of: tape)
      else { return nil }
      (self.index, self.record, self.call) = (index, record, call)
      latency = tape.present(element, "latency")
    }

    func isOfOneCall(with other: Logged, _ tape: borrowing JSONTape) -> Bool {
      guard let pair = call.pair(of: tape) else { return false }
      return other.call.pair(of: tape) == pair
    }
  }

  private func add(
    _ logged: Logged, endedBy end: Logged? = nil, isWhole: Bool, of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: logged.index)
    let firstEntry = draft.entries.count
    message.source = logged.record
    message.role = .bytes(Array("system".utf8))
    message.mayLackContent = true
    message.occurrence = RecordDigest.occurrence(
      Array(tape.bytes[tape.sourceRange(logged.record)]))
    message.toolName = .value(logged.call.tool)
    message.time = logged.call.time
    message.latency = logged.latency
    read(logged, isJoined: false, of: tape, &message, into: &draft)
    if let end {
      message.result = end.record
      message.resultIndex = end.index
      if end.call.shape == .boundaryEnd {
        draft.addLegacy("end", .value(end.record))
      } else {
        message.latency = end.latency ?? message.latency
        read(end, isJoined: true, of: tape, &message, into: &draft)
      }
    } else if isWhole {
      note(logged, of: tape, into: &draft)
    }
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }

  /// Says of a record without its other half that this is missing, where there should be one.
  private func note(
    _ logged: Logged, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    let (rule, text): (Rule, String)
    switch logged.call.shape {
    case .start:
      draft.add("tool_status", .bytes(Array(#""unanswered""#.utf8)))
      (rule, text) = (.toolCallUnanswered, "the log does not say how the call ended")
    case .end, .boundaryEnd:
      (rule, text) = (.toolResultOrphan, "the log does not say how the call began")
    case .call, .boundaryCall, .summary, .step: return
    }
    draft.notes.append(
      Refusal(
        rule: rule, field: "records[\(logged.index)]", message: text, messageIndex: logged.index))
  }

  /// Reads the members of a record; of one that is joined to its beginning, what that does not say.
  private func read(
    _ logged: Logged, isJoined: Bool, of tape: borrowing JSONTape, _ message: inout MessageDraft,
    into draft: inout RecordDraft
  ) {
    var text: JSONValue?
    tape.forEachMember(logged.record) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        keep(key, value, isJoined: isJoined, of: tape, into: &draft)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .tool, .toolName: break
      case .timestamp, .start: if isJoined { draft.addLegacy("end_timestamp", .value(value)) }
      case .requestId: if !isJoined { draft.add("request_id", .value(value)) }
      case .provider: message.provider = .value(value)
      case .latency: message.latency = value
      case .args, .params:
        message.toolArgs = tape.kind(value) == .object ? .value(value) : .wrapped(.input, value)
        if holdsCutText(value, of: tape) { noteCut("tool_args", logged.index, into: &draft) }
      case .result:
        message.toolResult = tape.kind(value) == .object ? .value(value) : .wrapped(.output, value)
        text = text ?? self.text(of: value, "text", tape)
      case .error:
        draft.add("error", .value(value))
        text = self.text(of: value, "message", tape) ?? text
      case .preview, .message: text = text ?? self.text(of: value, "text", tape)
      case .isTruncated:
        draft.addLegacy("result_truncated", .value(value))
        if tape.kind(value) == .true_ { noteCut("content", logged.index, into: &draft) }
      }
    }
    if let text { message.content = .value(text) }
    if !isJoined, let id = logged.call.id,
      logged.call.shape == .boundaryCall
        || logged.call.shape == .boundaryEnd
    {
      draft.add("request_id", .value(id))
    }
  }

  private func keep(
    _ key: JSONValue, _ value: JSONValue, isJoined: Bool, of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    if isJoined, tape.equals(key, "event") { return draft.addLegacy("end_event", .value(value)) }
    if isJoined, tape.equals(key, "datetime") {
      return draft.addLegacy("end_datetime", .value(value))
    }
    for name in Self.keptNames where tape.equals(key, name) {
      if !tape.isNull(value) { draft.addLegacy(name, .value(value)) }
      return
    }
    draft.keep(key, value)
  }

  /// A value that is text, or its member that is.
  private func text(
    of value: JSONValue, _ name: StaticString, _ tape: borrowing JSONTape
  ) -> JSONValue? {
    let text = tape.kind(value) == .object ? tape.present(value, name) : value
    return text.flatMap { tape.kind($0) == .string ? $0 : nil }
  }

  private func noteCut(_ field: String, _ index: Int, into draft: inout RecordDraft) {
    draft.notes.append(
      Refusal(
        rule: .contentTruncated, field: "records[\(index)].\(field)",
        message: "the log kept only the beginning", messageIndex: index))
  }

  /// Whether the writer cut one of an object's texts off.
  private func holdsCutText(_ value: JSONValue, of tape: borrowing JSONTape) -> Bool {
    var holds = false
    tape.forEachMember(value) { _, member in
      if tape.kind(member) == .string,
        tape.bytes[tape.range(member)].suffix(15).elementsEqual(
          "... (truncated)".utf8)
      {
        holds = true
      }
    }
    return holds
  }
}
