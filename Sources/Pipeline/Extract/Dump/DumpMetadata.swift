/// The `metadata` of rows of the product's later tables, whose members say what has columns now.
struct DumpMetadata {
  private enum Field: String, CaseIterable, Sendable {
    case toolName = "tool_name"
    case modelUsed = "model_used"
    case providerUsed = "provider_used"
    case modelMetadata = "model_metadata"
    case tokenUsage = "token_usage"
    case usage
    case fileIds = "file_ids"
    case files, images
    case thinkingMode = "thinking_mode"
    case responseTime = "response_time_ms"
    case createdVia = "created_via"
    case citations
  }

  private let fields = KeyTable<Field>()

  /// Adds a message's metadata to its draft, the `index`-th of its conversation.
  ///
  /// `path` is the list the message is in and the member its metadata is. A member that is the session's name
  /// `session` is its continuation id, and left out.
  ///
  /// - Returns: the ids of the files that it cites.
  @discardableResult
  func add(
    _ metadata: JSONValue, as path: (list: StaticString, member: StaticString) = Self.ownPath,
    naming session: [UInt8]? = nil, of tape: borrowing JSONTape, to message: inout MessageDraft,
    _ index: Int, _ draft: inout RecordDraft
  ) -> JSONValue? {
    func name(_ member: String = "") -> String {
      "\(path.list)[\(index)].\(path.member)" + (member.isEmpty ? "" : ".\(member)")
    }
    guard isUsable(metadata, name(), index, of: tape, &draft) else { return nil }
    var fileIds: JSONValue?
    tape.forEachMember(metadata) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        if let session, isName(key, value, session, of: tape) { return }
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      guard !ValuePlaceholder.isBroken(by: value, of: tape) else {
        notePlaceholder(name(field.rawValue), index, &draft)
        return
      }
      switch field {
      case .toolName: message.toolName = .value(value)
      case .modelUsed, .providerUsed: break
      case .modelMetadata: draft.add("model_metadata", .value(value))
      case .tokenUsage: draft.add("token_usage", .value(value))
      case .usage: draft.add("usage", .value(value))
      case .fileIds:
        draft.add("file_ids", .value(value))
        fileIds = value
      case .files:
        draft.add("files", .value(value))
        if tape.kind(value) == .array { message.files = value }
      case .images:
        draft.add("images", .value(value))
        if tape.kind(value) == .array { message.images = value }
      case .thinkingMode: draft.add("thinking_mode", .value(value))
      case .responseTime: draft.add("response_time_ms", .value(value))
      case .createdVia: draft.add("created_via", .value(value))
      case .citations: draft.add("citations", .value(value))
      }
    }
    fill(&message, from: metadata, of: tape)
    return fileIds
  }

  private static let ownPath: (list: StaticString, member: StaticString) =
    ("messages", "metadata")

  /// Whether a member is what the session is called.
  private func isName(
    _ key: JSONValue, _ value: JSONValue, _ session: [UInt8], of tape: borrowing JSONTape
  ) -> Bool {
    guard tape.kind(value) == .string || tape.kind(value) == .number,
      ["continuation_id", "thread_id", "conversation_id", "session_id"]
        .contains(where: { (name: StaticString) in tape.equals(key, name) })
    else { return false }
    return tape.decoded(value) == session
  }

  /// Adds a conversation's metadata.
  func addSession(
    _ metadata: JSONValue, of tape: borrowing JSONTape, to draft: inout RecordDraft
  ) {
    guard isUsable(metadata, "metadata", nil, of: tape, &draft) else { return }
    tape.forEachMember(metadata) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape),
        field == .toolName || field == .createdVia
      else {
        draft.keep(key, value)
        return
      }
      guard !ValuePlaceholder.isBroken(by: value, of: tape) else {
        notePlaceholder("metadata.\(field.rawValue)", nil, &draft)
        return
      }
      draft.add(field == .toolName ? "tool_name" : "created_via", .value(value))
    }
  }

  /// Fills what a message does not say yet: the second writer's fields, then the first one's nested ones.
  func fill(
    _ message: inout MessageDraft, from metadata: JSONValue, of tape: borrowing JSONTape
  ) {
    guard tape.kind(metadata) == .object, !isDefault(metadata, of: tape) else { return }
    var level: JSONValue? = metadata
    for _ in 0..<3 {
      guard let holder = level, tape.kind(holder) == .object else { return }
      Usage(in: holder, of: tape).fill(&message, unless: tape)
      if case .absent = message.model { message.model = text("model_name", of: holder, tape) }
      if case .absent = message.provider {
        message.provider = text("model_provider", of: holder, tape)
      }
      if case .absent = message.toolName { message.toolName = text("tool_name", of: holder, tape) }
      let inner = tape.present(holder, "metadata")
      if let inner { Usage(in: inner, of: tape).fill(&message, unless: tape) }
      level = tape.present(holder, "model_metadata")
    }
  }

  private func text(
    _ name: StaticString, of holder: JSONValue, _ tape: borrowing JSONTape
  ) -> DraftText {
    guard let value = tape.present(holder, name), tape.kind(value) == .string,
      !ValuePlaceholder.isBroken(by: value, of: tape)
    else { return .absent }
    return .value(value)
  }

  /// Whether metadata is an object that somebody has filled in; says of others what becomes of them.
  private func isUsable(
    _ metadata: JSONValue, _ field: @autoclosure () -> String, _ index: Int?,
    of tape: borrowing JSONTape,
    _ draft: inout RecordDraft
  ) -> Bool {
    guard tape.kind(metadata) == .object else {
      draft.addLegacy("metadata", .value(metadata))
      draft.notes.append(
        Refusal(
          rule: .valueRange, field: field(), message: "it is no JSON object, and kept as it is",
          messageIndex: index))
      return false
    }
    guard !isDefault(metadata, of: tape) else {
      notePlaceholder(field(), index, &draft)
      return false
    }
    return true
  }

  private func notePlaceholder(_ field: String, _ index: Int?, _ draft: inout RecordDraft) {
    draft.notes.append(
      Refusal(
        rule: .valuePlaceholder, field: field,
        message: "a column's default that describes a value, and is none", messageIndex: index))
  }

  /// Whether it is the default those tables had from 2025-11-08 on: `version`, `schema` and `fields`, which
  /// describes what metadata could be.
  private func isDefault(_ metadata: JSONValue, of tape: borrowing JSONTape) -> Bool {
    tape.count(metadata) == 3 && tape.member(metadata, "version") != nil
      && tape.member(metadata, "schema") != nil
      && tape.member(metadata, "fields").map { tape.kind($0) == .object } == true
  }
}

extension Usage {
  /// Fills what the message does not say itself, but for examples in place of values.
  fileprivate func fill(_ message: inout MessageDraft, unless tape: borrowing JSONTape) {
    var known = self
    if let model, ValuePlaceholder.isBroken(by: model, of: tape) { known.model = nil }
    if let provider, ValuePlaceholder.isBroken(by: provider, of: tape) { known.provider = nil }
    if let latency, tape.kind(latency) == .string { known.latency = nil }
    if let tokensIn, tape.kind(tokensIn) == .string { known.tokensIn = nil }
    if let tokensOut, tape.kind(tokensOut) == .string { known.tokensOut = nil }
    known.fill(&message)
  }
}
