/// Rows of the product's `message_bus`, which carried what was too large to be sent: answers of tools.
///
/// A row becomes a message of the assistant, in the session of the conversation that the answer names, else of
/// its connection. Rows are put together by ``DumpPart``; ``BusReader`` unpacks what they carry.
struct MessageBus {
  private enum Field: String, CaseIterable, Sendable {
    case status, metadata
    case transactionId = "transaction_id"
    case toolName = "tool_name"
    case provider = "provider_name"
    case error = "error_message"
    case created = "created_at"
  }

  private let fields = KeyTable<Field>()

  /// Maps an element of a record's messages: `{"row", "bus": payload, "answer"}`.
  func map(
    _ element: JSONValue, row: JSONValue, of tape: borrowing JSONTape,
    to message: inout MessageDraft, into draft: inout RecordDraft
  ) {
    message.role = .bytes(Array("assistant".utf8))
    message.mayLackContent = true
    var error: JSONValue?
    tape.forEachMember(row) { key, value in
      guard !tape.isNull(value) else { return }
      guard let field = fields.field(key, of: tape) else { return draft.keep(key, value) }
      switch field {
      case .transactionId:
        message.occurrence = RecordDigest.occurrence(tape.decoded(value))
        draft.addLegacy("transaction_id", .value(value))
      case .toolName: message.toolName = .value(value)
      case .provider: message.provider = .value(value)
      case .status: draft.add("status", .value(value))
      case .error:
        draft.add("error", .value(value))
        error = value
      case .created: message.time = value
      case .metadata: addMetadata(value, of: tape, to: &draft)
      }
    }
    let answer = tape.present(element, "answer")
    if let payload = tape.present(element, "bus") {
      addPayload(payload, answer: answer, of: tape, to: &message)
    }
    if case .absent = message.content, let error { message.content = .value(error) }
  }

  private func addMetadata(
    _ metadata: JSONValue, of tape: borrowing JSONTape, to draft: inout RecordDraft
  ) {
    guard tape.kind(metadata) == .object else {
      draft.addLegacy("metadata", .value(metadata))
      return
    }
    tape.forEachMember(metadata) { key, value in
      guard !tape.isNull(value) else { return }
      if tape.equals(key, "request_id"), !tape[key].flags.contains(.shadowed) {
        draft.add("request_id", .value(value))
      } else {
        draft.keep(key, value)
      }
    }
  }

  private func addPayload(
    _ payload: JSONValue, answer: JSONValue?, of tape: borrowing JSONTape,
    to message: inout MessageDraft
  ) {
    guard tape.kind(payload) == .object else {
      message.toolResult = .wrapped(.output, payload)
      if tape.kind(payload) == .string { message.content = .value(payload) }
      return
    }
    guard tape.count(payload) > 0 else { return }
    message.toolResult = .value(payload)
    for holder in [answer, payload] {
      guard let holder else { continue }
      if let metadata = tape.present(holder, "metadata") {
        Usage(in: metadata, of: tape).fill(&message)
      }
      guard case .absent = message.content, let text = tape.present(holder, "content"),
        tape.kind(text) == .string
      else { continue }
      message.content = .value(text)
    }
    if case .absent = message.content, let text = BusReader.firstText(of: payload, tape) {
      message.content = .value(text)
    }
  }
}
