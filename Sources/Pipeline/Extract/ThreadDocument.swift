/// Thread documents: one conversation with its turns, as Redis and the in-memory store held it.
///
/// A record is a document, `{"key", "ttl", "value"}` with the document or a string holding it, or an
/// object of `thread:<id>` → either.
struct ThreadDocument {
  static let family = "threads"
  /// Key of the list that may hold millions of messages.
  static let listKeys: [StaticString] = ["turns"]

  private enum Field: String, CaseIterable, Sendable {
    case threadId = "thread_id"
    case parent = "parent_thread_id"
    case created = "created_at"
    case updated = "last_updated_at"
    case toolName = "tool_name"
    case turns
    case initialContext = "initial_context"
    case fingerprint = "session_fingerprint"
    case client = "client_friendly_name"
    case title
  }

  private enum TurnField: String, CaseIterable, Sendable {
    case role, content, timestamp, files, images
    case toolName = "tool_name"
    case modelName = "model_name"
    case modelProvider = "model_provider"
    case modelMetadata = "model_metadata"
    case followUp = "follow_up_question"
  }

  private let fields = KeyTable<Field>()
  private let turnFields = KeyTable<TurnField>()

  /// What becomes of text the target cannot hold in what a dump says beside its documents.
  let text: TextPolicy

  /// Maps one document; `found.key` stands in for a `thread_id` that is not there.
  ///
  /// `numbers` are the positions of its turns where these are not all the thread has.
  func map(
    _ root: JSONValue, found: Found, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    draft.session.source = root
    var turns: JSONValue?
    tape.forEachMember(root) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .threadId: draft.session.continuationId = .value(value)
      case .parent:
        draft.add("parent_continuation_id", .value(value))
        draft.session.parent = value
      case .created: draft.session.created = value
      case .updated: draft.session.updated = value
      case .toolName: draft.add("tool_name", .value(value))
      case .turns: turns = value
      case .initialContext:
        draft.add("initial_context", .value(value))
        draft.session.context = value
      case .fingerprint: draft.add("session_fingerprint", .value(value))
      case .client: draft.add("client_friendly_name", .value(value))
      case .title: draft.session.title = .value(value)
      }
    }
    nameSession(found.key, of: tape, in: &draft)
    addDetails(of: found, to: &draft)
    draft.session.entries = 0..<draft.entries.count
    guard let turns, tape.kind(turns) == .array else {
      draft.refusal = Refusal(
        rule: .recordShape, field: "turns",
        message: turns == nil ? "the thread has no turns" : "turns is not an array")
      return
    }
    draft.sliced = tape.slices(of: turns)
    var index = 0
    tape.forEachElement(turns) { turn in
      mapTurn(turn, numbers.isEmpty ? index : numbers[index], of: tape, into: &draft)
      index += 1
    }
  }

  /// Maps some of a document's turns, which are the elements of `list`; the first has the position `first`.
  func mapTurns(
    _ list: JSONValue, from first: Int, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var index = first
    tape.forEachElement(list) { turn in
      mapTurn(turn, index, of: tape, into: &draft)
      index += 1
    }
  }

  /// Whether the arrays whose elements are not on the tape are all turns of documents found on it.
  func areTurns(of found: [Found], _ tape: borrowing JSONTape) -> Bool {
    var turns: [JSONValue] = []
    for one in found {
      guard case .value(let root) = one.document, let list = tape.member(root, "turns") else {
        continue
      }
      turns.append(list)
    }
    return tape.slicedArrays.allSatisfy { turns.contains($0.array) }
  }

  /// Keeps what a dump says of a document; its key only where it is not the id's.
  ///
  /// `isKeyKnown` where the key is the session's in any case.
  func addDetails(of found: Found, isKeyKnown: Bool = false, to draft: inout RecordDraft) {
    var changed = found.changedCharacters
    if !isKeyKnown, let key = found.key, key != draft.session.key,
      key != Self.keyPrefix + draft.session.key
    {
      draft.addToSession("key", .bytes(found.fitKey), isLegacy: true)
      changed += found.changedKeyCharacters
    }
    if let ttl = found.timeToLive { draft.addToSession("ttl", .bytes(ttl), isLegacy: true) }
    if let beside = found.beside { draft.addToSession("dump", .bytes(beside), isLegacy: true) }
    for column in found.columns {
      draft.addToSession(column.name, .bytes(column.value), isLegacy: true)
    }
    if found.isUndoubled {
      draft.notes.append(
        Refusal(
          rule: .jsonBackslashes, field: "conversation_data",
          message: "backslashes that an exporter had doubled are single again"))
    }
    guard changed > 0 else { return }
    let message = "\(changed) characters that PostgreSQL cannot hold"
    guard text != .reject else {
      draft.refusal =
        draft.refusal ?? Refusal(rule: .textRefused, field: "metadata", message: message)
      return
    }
    draft.notes.append(
      Refusal(
        rule: text == .mark ? .textMarked : .textReplaced, field: "metadata", message: message))
  }

  private func nameSession(
    _ key: [UInt8]?, of tape: borrowing JSONTape, in draft: inout RecordDraft
  ) {
    switch draft.session.continuationId {
    case .value(let value) where tape.kind(value) == .string && !tape.isBlank(value):
      draft.session.key = tape.decoded(value)
    case .value(let value) where tape.kind(value) != .string || key == nil:
      draft.refusal = Refusal(
        rule: .recordShape, field: "thread_id",
        message: tape.kind(value) == .string ? "thread_id is empty" : "thread_id is not text")
    default:
      guard let key else {
        draft.refusal = Refusal(
          rule: .recordShape, field: "thread_id", message: "the thread has no thread_id")
        return
      }
      draft.session.key = Array(
        key.starts(with: Self.keyPrefix) ? key.dropFirst(Self.keyPrefix.count) : key[...])
      draft.session.continuationId = .bytes(draft.session.key)
    }
  }

  private func mapTurn(
    _ turn: JSONValue, _ index: Int, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: index)
    message.source = turn
    let firstEntry = draft.entries.count
    if tape.kind(turn) != .object {
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "turn \(index) is not an object")
    }
    tape.forEachMember(turn) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = turnFields.field(key, of: tape)
      else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .role: message.role = .value(value)
      case .content: message.content = .value(value)
      case .timestamp: message.time = value
      case .toolName: message.toolName = .value(value)
      case .modelName: message.model = .value(value)
      case .modelProvider: message.provider = .value(value)
      case .modelMetadata:
        draft.add("model_metadata", .value(value))
        Usage(in: value, of: tape).fill(&message)
      case .files:
        draft.add("files", .value(value))
        message.files = value
      case .images:
        draft.add("images", .value(value))
        message.images = value
      case .followUp: draft.add("follow_up_question", .value(value))
      }
    }
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }
}

extension JSONTape {
  /// Whether a value is an object with members, all of which have keys that begin so.
  func hasKeys(_ root: JSONValue, allWith prefix: [UInt8]) -> Bool {
    guard kind(root) == .object, count(root) > 0 else { return false }
    var isSo = true
    forEachMember(root) { key, _ in isSo = isSo && decoded(key).starts(with: prefix) }
    return isSo
  }
}
