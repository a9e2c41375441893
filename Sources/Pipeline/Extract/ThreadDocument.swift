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

  /// One document of a record: on the tape, or as text of its own that is still to be parsed.
  struct Found {
    var key: [UInt8]?
    /// The key as JSON fit for jsonb, and how many of its characters had to be changed for that.
    var fitKey: [UInt8] = []
    var changedKeyCharacters = 0
    /// JSON fit for jsonb, as is ``beside``.
    var timeToLive: [UInt8]?
    /// An object of what else the dump says of the key.
    var beside: [UInt8]?
    /// Characters of these two that PostgreSQL cannot hold and that were changed.
    var changedCharacters = 0
    var document: Document

    enum Document {
      case value(JSONValue)
      case text([UInt8])
    }
  }

  /// What becomes of text the target cannot hold in what a dump says beside its documents.
  let text: TextPolicy

  /// The documents a record holds; empty when it has none of the known shapes.
  func documents(_ root: JSONValue, of tape: borrowing JSONTape) -> [Found] {
    guard tape.kind(root) == .object else { return [] }
    if tape.member(root, "turns") != nil || tape.member(root, "thread_id") != nil {
      return [Found(document: .value(root))]
    }
    if let dumped = dumped(root, of: tape) { return [dumped] }
    var found: [Found] = []
    var isMap = true
    tape.forEachMember(root) { key, value in
      let name = tape.decoded(key)
      guard isMap, name.starts(with: Self.keyPrefix), let document = document(value, of: tape)
      else {
        isMap = false
        return
      }
      found.append(named(key, document, of: tape))
    }
    return isMap ? found : []
  }

  /// The value of a key that a dump has with what else it says of it, whatever the key is.
  func dumped(_ root: JSONValue, of tape: borrowing JSONTape) -> Found? {
    guard let key = tape.member(root, "key"), tape.kind(key) == .string,
      let value = tape.member(root, "value"), let document = document(value, of: tape)
    else { return nil }
    var found = named(key, document, of: tape)
    addDetails(of: root, besides: [key, value], to: &found, of: tape)
    return found
  }

  /// Whether all members of an object have keys as Redis has them.
  func areKeyed(_ root: JSONValue, of tape: borrowing JSONTape) -> Bool {
    tape.hasKeys(root, allWith: Self.keyPrefix)
  }

  private func named(
    _ key: JSONValue, _ document: Found.Document, of tape: borrowing JSONTape
  ) -> Found {
    var found = Found(key: tape.decoded(key), document: document)
    var fit: [UInt8] = []
    found.changedKeyCharacters = tape.appendDecoded(key, refused: text.refused, to: &fit)
    found.fitKey.appendJSONString(fit)
    return found
  }

  private func addDetails(
    of root: JSONValue, besides used: [JSONValue], to found: inout Found,
    of tape: borrowing JSONTape
  ) {
    var used = used
    if let ttl = tape.member(root, "ttl") ?? tape.member(root, "TTL") {
      var fit: [UInt8] = []
      found.changedCharacters += tape.appendFitJSON(ttl, refused: text.refused, to: &fit)
      found.timeToLive = fit
      used.append(ttl)
    }
    var names = UniqueNames()
    var details: [UInt8] = [UInt8(ascii: "{")]
    tape.forEachMember(root) { key, value in
      guard !used.contains(value) else { return }
      if details.count > 1 { details.append(UInt8(ascii: ",")) }
      var name: [UInt8] = []
      found.changedCharacters += tape.appendDecoded(key, refused: text.refused, to: &name)
      details.appendJSONString(names.unused(name))
      details.append(UInt8(ascii: ":"))
      found.changedCharacters += tape.appendFitJSON(value, refused: text.refused, to: &details)
    }
    guard details.count > 1 else { return }
    found.beside = details + [UInt8(ascii: "}")]
  }

  static let keyPrefix = Array("thread:".utf8)

  private func document(_ value: JSONValue, of tape: borrowing JSONTape) -> Found.Document? {
    switch tape.kind(value) {
    case .object: .value(value)
    case .string: .text(tape.decoded(value))
    default: nil
    }
  }

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
