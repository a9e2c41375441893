/// Maps one message of an OpenAI list to its rows: one for what is said, one for each call.
struct OpenAIMessage {
  private enum Field: String, CaseIterable, Sendable {
    case role, content, refusal, usage, model
    case toolCalls = "tool_calls"
    case functionCall = "function_call"
    case toolCallId = "tool_call_id"
  }

  private let fields = KeyTable<Field>()

  func map(
    _ source: JSONValue, index: Int, model: JSONValue?, pairing: ToolPairing,
    of tape: borrowing JSONTape, scratch: inout JSONTape, into draft: inout RecordDraft
  ) {
    // A folded result is counted on its call's row.
    guard !pairing.isFolded.contains(index) else { return }
    var message = MessageDraft(index: index)
    message.source = source
    let firstEntry = draft.entries.count
    guard tape.kind(source) == .object else {
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "message \(index) is not an object")
      draft.messages.append(message)
      return
    }
    tape.forEachMember(source) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .role: message.role = .value(value)
      case .content: content(value, of: tape, of: &message, into: &draft)
      case .refusal:
        draft.add("refusal", .value(value))
        if case .absent = message.content { message.content = .value(value) }
      case .usage:
        draft.add("usage", .value(value))
        message.tokensIn = tape.present(value, "prompt_tokens")
        message.tokensOut = tape.present(value, "completion_tokens")
      case .model: message.model = .value(value)
      case .toolCallId: draft.add("tool_call_id", .value(value))
      case .toolCalls:
        if !ToolCall.areAllObjects(value, of: tape) { draft.keep(key, value) }
      case .functionCall:
        if tape.kind(value) != .object { draft.keep(key, value) }
      }
    }
    if let model, case .absent = message.model, case .value(let role) = message.role,
      tape.equals(role, "assistant")
    {
      message.model = .value(model)
    }
    let calls = ToolCall.all(of: source, of: tape)
    if calls.isEmpty, case .value(let role) = message.role,
      tape.equals(role, "tool") || tape.equals(role, "function")
    {
      orphan(source, of: tape, message: &message, into: &draft)
    }
    message.mayLackContent = message.mayLackContent || !calls.isEmpty
    message.entries = firstEntry..<draft.entries.count
    guard !calls.isEmpty else {
      draft.messages.append(message)
      return
    }
    for (number, call) in calls.enumerated() {
      var row = number == 0 ? message : following(message)
      row.part = number
      let result = pairing.resultOfCall[.init(message: index, number: number)]
      let start = number == 0 ? firstEntry : draft.entries.count
      add(call, result: result, of: tape, scratch: &scratch, to: &row, into: &draft)
      row.resultIndex = pairing.indexOfResult[.init(message: index, number: number)]
      row.entries = start..<draft.entries.count
      draft.messages.append(row)
    }
  }

  /// A further call of the same message: its text and own fields are on the first call's row.
  private func following(_ message: MessageDraft) -> MessageDraft {
    var row = MessageDraft(index: message.index)
    row.source = message.source
    row.role = message.role
    row.model = message.model
    row.mayLackContent = true
    return row
  }

  /// Text, or parts: texts joined by a line end, everything else kept whole beside them.
  private func content(
    _ value: JSONValue, of tape: borrowing JSONTape, of message: inout MessageDraft,
    into draft: inout RecordDraft
  ) {
    guard tape.kind(value) == .array else {
      message.content = .value(value)
      return
    }
    var texts: [JSONValue] = []
    var thinking: [JSONValue] = []
    var hasOther = false
    tape.forEachElement(value) { part in
      if tape.kind(part) == .string {
        texts.append(part)
        return
      }
      let type = tape.kind(part) == .object ? tape.present(part, "type") : nil
      let text = type.flatMap { _ in
        tape.present(part, "text") ?? tape.present(part, "value") ?? tape.present(part, "refusal")
      }
      if let type, let text, tape.kind(text) == .string {
        // What a part says beside its text, such as a signature or a weight, is kept with the part.
        if tape.count(part) > 2 { hasOther = true }
        if tape.equals(type, "text") || tape.equals(type, "refusal") {
          texts.append(text)
          return
        }
        if tape.equals(type, "reasoning") {
          thinking.append(text)
          return
        }
        if tape.equals(type, "tool_call") { return }
      }
      hasOther = true
    }
    if !thinking.isEmpty { draft.add("thinking", .list(thinking)) }
    if hasOther { draft.add("content_parts", .value(value)) }
    message.mayLackContent = true
    if texts.count == 1 {
      message.content = .value(texts[0])
    } else if texts.count > 1 {
      message.content = .parts(texts)
    }
  }

  private func add(
    _ call: ToolCall, result: JSONValue?, of tape: borrowing JSONTape, scratch: inout JSONTape,
    to row: inout MessageDraft, into draft: inout RecordDraft
  ) {
    if let id = call.id { draft.add("tool_call_id", .value(id)) }
    if let name = call.name { row.toolName = .value(name) }
    if let arguments = call.arguments {
      row.toolArgs = Self.object(arguments, of: tape, scratch: &scratch)
    }
    if let text = call.text {
      let parts = Self.callText(text, of: tape, scratch: &scratch)
      row.toolName = parts.name
      row.toolArgs = parts.arguments
      if parts.saysMore { draft.addLegacy("tool_call", .value(text)) }
    }
    if let whole = call.whole { draft.addLegacy("tool_call", .value(whole)) }
    guard let result else {
      draft.add("tool_status", .bytes(Array(#""unanswered""#.utf8)))
      draft.notes.append(
        Refusal(
          rule: .toolCallUnanswered, field: "messages[\(row.index)]",
          message: "a tool call has no result", messageIndex: row.index))
      return
    }
    row.result = result
    row.toolResult = Self.result(result, of: tape)
    tape.forEachMember(result) { key, value in
      if tape.equals(key, "role") || tape.equals(key, "content")
        || tape.equals(key, "tool_call_id")
      {
        if !tape[key].flags.contains(.shadowed) { return }
      }
      if tape.equals(key, "name"), let name = call.name,
        tape.decoded(name) == tape.decoded(value)
      {
        return
      }
      draft.keep(key, value)
    }
  }

  private func orphan(
    _ source: JSONValue, of tape: borrowing JSONTape, message: inout MessageDraft,
    into draft: inout RecordDraft
  ) {
    message.toolResult = Self.result(source, of: tape)
    if let name = tape.present(source, "name") { message.toolName = .value(name) }
    message.content = .absent
    message.mayLackContent = true
    draft.notes.append(
      Refusal(
        rule: .toolResultOrphan, field: "messages[\(message.index)]",
        message: "a tool result belongs to no call", messageIndex: message.index))
  }

  /// `tool_result` of a result message: objects stay, everything else goes below `output`.
  private static func result(_ message: JSONValue, of tape: borrowing JSONTape) -> DraftJSON {
    guard let content = tape.member(message, "content") else { return .absent }
    if tape.kind(content) == .object { return .value(content) }
    guard tape.kind(content) == .array, tape.count(content) == 1 else {
      return .wrapped(.output, content)
    }
    var only = content
    tape.forEachElement(content) { part in
      if tape.kind(part) == .object, tape.count(part) == 2,
        let type = tape.present(part, "type"), tape.equals(type, "text"),
        let text = tape.present(part, "text") ?? tape.present(part, "value")
      {
        only = text
      }
    }
    return .wrapped(.output, only)
  }

  /// `tool_args`: an object stays, text that parses to an object is stored parsed, the rest is wrapped.
  private static func object(
    _ value: JSONValue, of tape: borrowing JSONTape, scratch: inout JSONTape
  ) -> DraftJSON {
    if tape.kind(value) == .object { return .value(value) }
    guard tape.kind(value) == .string else { return .wrapped(.input, value) }
    let text = tape.decoded(value)
    guard scratch.parse(text, 0..<text.count) == nil, scratch.kind(scratch.root) == .object,
      scratch[scratch.root].flags.isDisjoint(with: .unfit)
    else { return .wrapped(.input, value) }
    return .bytes(text)
  }

  private static func callText(
    _ value: JSONValue, of tape: borrowing JSONTape, scratch: inout JSONTape
  ) -> (name: DraftText, arguments: DraftJSON, saysMore: Bool) {
    let text = tape.kind(value) == .string ? tape.decoded(value) : []
    guard scratch.parse(text, 0..<text.count) == nil, scratch.kind(scratch.root) == .object,
      scratch[scratch.root].flags.isDisjoint(with: .unfit),
      let name = scratch.present(scratch.root, "name"), scratch.kind(name) == .string,
      let arguments = scratch.present(scratch.root, "arguments"),
      scratch.kind(arguments) == .object
    else { return (.absent, .wrapped(.input, value), false) }
    return (
      .bytes(scratch.decoded(name)), .bytes(Array(text[scratch.sourceRange(arguments)])),
      scratch.count(scratch.root) > 2
    )
  }
}
