/// Sessions of the Auggie command line: one object of session id → session, an exchange an entry.
///
/// The store's writer has left the id `"null"` more than once in one object; every session of it is kept.
/// In Redis each session has a key of its own, and is a string that holds it.
struct AuggieSessions {
  /// What Redis puts before the id.
  static let keyPrefix = Array("auggie:session:".utf8)

  private enum Field: String, CaseIterable, Sendable {
    case history, meta
    case sessionId = "session_id"
    case updated = "_ts"
    case lastModel = "last_model"
  }

  private enum EntryField: String, CaseIterable, Sendable {
    case tool, model, prompt, content
    case thinkingMode = "thinking_mode"
  }

  private let fields = KeyTable<Field>()
  private let entryFields = KeyTable<EntryField>()

  /// One session of a store.
  struct Found {
    /// What `continuation_id` becomes.
    var key: [UInt8]
    /// Its id as the store has it.
    var id: [UInt8]
    /// On the tape, or as text of its own that is still to be parsed.
    var session: ThreadDocument.Found.Document
    /// What a dump of Redis says of it beside the session.
    var dumped: ThreadDocument.Found?
  }

  /// Whether all members of an object have keys as Redis has them.
  func areKeyed(_ root: JSONValue, of tape: borrowing JSONTape) -> Bool {
    tape.hasKeys(root, allWith: Self.keyPrefix)
  }

  /// The session of a key that was dumped with its value; nil of another key.
  func session(dumped: ThreadDocument.Found) -> Found? {
    guard let key = dumped.key, key.starts(with: Self.keyPrefix) else { return nil }
    var counts: [[UInt8]: Int] = [:]
    var found = found(Array(key.dropFirst(Self.keyPrefix.count)), dumped.document, &counts)
    found.dumped = dumped
    return found
  }

  /// The sessions of a store, or the one that the record is; empty where it is neither.
  func sessions(_ root: JSONValue, of tape: borrowing JSONTape) -> [Found] {
    guard tape.kind(root) == .object else { return [] }
    if let history = tape.member(root, "history"), tape.kind(history) == .array {
      let id = tape.present(root, "session_id").flatMap { value in
        tape.kind(value) == .string ? tape.decoded(value) : nil
      }
      var counts: [[UInt8]: Int] = [:]
      return [found(id ?? Array("null".utf8), .value(root), &counts)]
    }
    var found: [Found] = []
    var counts: [[UInt8]: Int] = [:]
    tape.forEachMember(root) { key, value in
      var id = tape.decoded(key)
      let isOfRedis = id.starts(with: Self.keyPrefix)
      if isOfRedis { id.removeFirst(Self.keyPrefix.count) }
      let isText = isOfRedis && tape.kind(value) == .string
      found.append(
        self.found(id, isText ? .text(tape.decoded(value)) : .value(value), &counts))
    }
    return found
  }

  /// Of an id that comes again, and of none, which is what `"null"` stands for, the number tells which.
  private func found(
    _ id: [UInt8], _ session: ThreadDocument.Found.Document, _ counts: inout [[UInt8]: Int]
  ) -> Found {
    let number = (counts[id] ?? 0) + 1
    counts[id] = number
    var key = Array("auggie:".utf8) + id
    if number > 1 || id.elementsEqual("null".utf8) { key += Array(":\(number)".utf8) }
    return Found(key: key, id: id, session: session)
  }

  /// Maps one session, which is `root`.
  ///
  /// `numbers` are the positions of its messages where its history has only their entries: two of an entry,
  /// that of what was asked and that of the answer.
  func map(
    _ root: JSONValue, found: Found, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    draft.session.source = root
    draft.session.key = found.key
    draft.session.continuationId = .bytes(found.key)
    var history: JSONValue?
    tape.forEachMember(root) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .history: history = value
      case .updated: draft.session.updated = value
      case .lastModel: draft.add("last_model", .value(value))
      case .meta:
        if tape.kind(value) != .object || tape.count(value) > 0 {
          draft.add("meta", .value(value))
        }
      case .sessionId:
        if tape.kind(value) != .string || tape.decoded(value) != found.id {
          draft.addLegacy("session_id", .value(value))
        }
      }
    }
    draft.session.entries = 0..<draft.entries.count
    guard let history, tape.kind(history) == .array else {
      draft.refusal = Refusal(
        rule: .recordShape, field: "history", message: "the session has no list of exchanges")
      return
    }
    var position = 0
    tape.forEachElement(history) { entry in
      defer { position += 1 }
      if numbers.isEmpty {
        map(entry, asks: 2 * position, answers: 2 * position + 1, of: tape, into: &draft)
      } else {
        let number = numbers[position]
        map(
          entry, asks: number % 2 == 0 ? number : nil, answers: number % 2 == 1 ? number : nil,
          of: tape, into: &draft)
      }
    }
  }

  /// Maps an exchange to those of its two messages whose positions are given.
  private func map(
    _ entry: JSONValue, asks: Int?, answers: Int?, of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    guard tape.kind(entry) == .object else {
      var message = MessageDraft(index: asks ?? answers ?? 0)
      message.source = entry
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "the exchange is not an object")
      draft.messages.append(message)
      return
    }
    // An exchange without an answer keeps what else it says with the prompt.
    let hasAnswer = tape.present(entry, "content") != nil
    if let asks, !hasAnswer || tape.present(entry, "prompt") != nil {
      add(entry, asks, "user", "prompt", hasRest: !hasAnswer, of: tape, into: &draft)
    }
    if let answers, hasAnswer {
      add(entry, answers, "assistant", "content", hasRest: true, of: tape, into: &draft)
    }
  }

  private func add(
    _ entry: JSONValue, _ index: Int, _ role: String, _ text: StaticString, hasRest: Bool,
    of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: index)
    message.source = entry
    message.role = .bytes(Array(role.utf8))
    if let content = tape.present(entry, text) { message.content = .value(content) }
    let firstEntry = draft.entries.count
    tape.forEachMember(entry) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = entryFields.field(key, of: tape)
      else {
        if hasRest { draft.keep(key, value) }
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .tool: message.toolName = .value(value)
      case .model: if hasRest { message.model = .value(value) }
      case .thinkingMode: if hasRest { draft.add("thinking_mode", .value(value)) }
      case .prompt, .content: break
      }
    }
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }
}
