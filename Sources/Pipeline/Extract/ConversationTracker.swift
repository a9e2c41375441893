/// The conversation tracker's cache: one document a conversation, `<provider>_conv_<16 digits>`.
///
/// The product's own files name conversations and hold none of their messages.
struct ConversationTracker {
  private enum Field: String, CaseIterable, Sendable {
    case provider, messages, metadata
    case id = "conversation_id"
    case created = "created_at"
    case updated = "updated_at"
    case expires = "expires_at"
  }

  private enum MessageField: String, CaseIterable, Sendable {
    case role, content, timestamp, model, usage
    case created = "created_at"
  }

  private let fields = KeyTable<Field>()
  private let messageFields = KeyTable<MessageField>()

  /// Maps one document.
  ///
  /// `key` stands in for the id where there is none; `numbers` are the positions of its messages where these
  /// are not all the conversation has.
  func map(
    _ root: JSONValue, key: [UInt8]? = nil, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    draft.session.source = root
    draft.session.key = key ?? []
    var messages: JSONValue?
    var provider = DraftText.absent
    tape.forEachMember(root) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .id:
        guard tape.kind(value) == .string, !tape.isBlank(value) else { return }
        draft.session.key = tape.decoded(value)
        draft.session.continuationId = .value(value)
      case .provider:
        draft.add("provider", .value(value))
        provider = .value(value)
      case .created: draft.session.created = value
      case .updated: draft.session.updated = value
      case .expires: draft.addLegacy("expires_at", .value(value))
      case .metadata:
        if tape.kind(value) != .object || tape.count(value) > 0 {
          draft.addLegacy("metadata", .value(value))
        }
      case .messages: messages = value
      }
    }
    draft.session.entries = 0..<draft.entries.count
    guard !draft.session.key.isEmpty else {
      draft.refusal = Refusal(
        rule: .recordShape, field: "conversation_id",
        message: "the record has no conversation_id that is text")
      return
    }
    guard let messages, tape.kind(messages) == .array else {
      draft.refusal = Refusal(
        rule: .recordShape, field: "messages", message: "the conversation has no list of messages")
      return
    }
    if case .absent = provider { provider = Self.provider(ofKey: draft.session.key) }
    var index = 0
    tape.forEachElement(messages) { message in
      map(
        message, numbers.isEmpty ? index : numbers[index], provider: provider, of: tape,
        into: &draft)
      index += 1
    }
  }

  /// The beginning of the id says it too.
  private static func provider(ofKey key: [UInt8]) -> DraftText {
    let parts = key.split(separator: UInt8(ascii: "_"))
    guard parts.count == 3, parts[1].elementsEqual("conv".utf8) else { return .absent }
    return .bytes(Array(parts[0]))
  }

  private func map(
    _ value: JSONValue, _ index: Int, provider: DraftText, of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: index)
    message.source = value
    let firstEntry = draft.entries.count
    if tape.kind(value) != .object {
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "message \(index) is not an object")
    }
    tape.forEachMember(value) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = messageFields.field(key, of: tape)
      else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .role:
        message.role = .value(value)
        // What a person said comes from no provider.
        if tape.equals(value, "assistant") { message.provider = provider }
      case .content: message.content = .value(value)
      case .timestamp: message.time = value
      case .created: message.time = message.time ?? value
      case .model: message.model = .value(value)
      case .usage: draft.add("usage", .value(value))
      }
    }
    Usage(in: value, of: tape).fill(&message)
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }
}
