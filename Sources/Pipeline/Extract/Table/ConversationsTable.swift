/// Rows of the legacy table `conversations`: one a message, of no session but that of its user and time.
///
/// A record is a session, put together by ``TablePart``, which says what it looks like. Ids are unique in a
/// partition only: with its time, a row's id tells it from others of the session.
struct ConversationsTable {
  static let family = "conversations-table"
  /// Key of the list that may hold millions of rows.
  static let listKeys: [StaticString] = ["rows"]
  /// Columns without which a table is another one.
  static let neededColumns = ["id", "user_id", "created_at", "direction", "text"]

  private enum Field: String, CaseIterable, Sendable {
    case id, direction, text, cost, embedding, meta
    case user = "user_id"
    case created = "created_at"
    case tokensIn = "tokens_in"
    case tokensOut = "tokens_out"
    case latency = "latency_ms"
  }

  private let fields = KeyTable<Field>()
  private let facts = DumpMetadata()
  private let nullText: NullText
  private let embeddings: EmbeddingPolicy

  init(nullText: NullText, embeddings: EmbeddingPolicy) {
    self.nullText = nullText
    self.embeddings = embeddings
  }

  /// Maps one session.
  ///
  /// `numbers` are the positions of its rows where these are not all it has.
  func map(
    _ root: JSONValue, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    guard let key = tape.present(root, "key"), let list = tape.present(root, "rows"),
      tape.kind(list) == .array
    else {
      draft.refusal = Refusal(
        rule: .recordShape, message: "the record is no session of rows of conversations")
      return
    }
    draft.session.key = tape.decoded(key)
    draft.session.continuationId = .bytes(draft.session.key)
    if let user = tape.present(root, "user") { setUser(user, of: tape, in: &draft) }
    draft.session.created = tape.present(root, "start")
    if let rule = tape.present(root, "rule") { draft.addLegacy("session_rule", .value(rule)) }
    if let others = tape.present(root, "users") {
      draft.notes.append(
        Refusal(
          rule: .sessionUsers, field: "user_id",
          message: "\(tape.wholeNumber(others)) of its rows have another user than the first"))
    }
    draft.session.entries = 0..<draft.entries.count
    draft.sliced = tape.slices(of: list)
    mapRows(list, numbers: numbers, of: tape, into: &draft)
  }

  /// Whether the arrays whose elements are not on the tape are the record's rows, and nothing else.
  func areRows(_ tape: borrowing JSONTape) -> Bool {
    guard let sliced = tape.slicedArrays.first else { return true }
    return tape.slicedArrays.count == 1 && tape.present(tape.root, "rows") == sliced.array
  }

  /// Whose the session is: nobody's where that is blank.
  private func setUser(
    _ user: JSONValue, of tape: borrowing JSONTape, in draft: inout RecordDraft
  ) {
    draft.session.user = tape.isBlank(user) ? nil : tape.decoded(user)
  }

  /// Maps rows that follow each other, the first at the position `first`.
  ///
  /// Where the session does not say whose it is, as rejects do not, its first row does.
  func mapRows(
    _ list: JSONValue, from first: Int = 0, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    var index = 0
    tape.forEachElement(list) { row in
      if draft.session.user == nil, first + index == 0, tape.kind(row) == .object,
        let user = tape.present(row, "user_id")
      {
        setUser(user, of: tape, in: &draft)
      }
      mapRow(row, numbers.isEmpty ? first + index : numbers[index], of: tape, into: &draft)
      index += 1
    }
  }

  private func mapRow(
    _ row: JSONValue, _ index: Int, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: index)
    message.source = row
    let firstEntry = draft.entries.count
    if tape.kind(row) != .object {
      message.refusal = Refusal(rule: .recordShape, message: "it is no row of conversations")
    }
    var own: (id: Range<Int>, time: Range<Int>) = (0..<0, 0..<0)
    var isTexted = false
    tape.forEachMember(row) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        if !tape.isNull(value) { draft.keep(key, value) }
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .id:
        own.id = tape.range(value)
        draft.addLegacy("id", .value(value))
      case .user:
        if draft.session.user.map({ $0 != tape.decoded(value) }) ?? !tape.isBlank(value) {
          draft.addLegacy("user_id", .value(value))
        }
      case .created:
        own.time = tape.range(value)
        message.time = value
      case .direction: message.role = .value(value)
      case .text:
        isTexted = true
        message.content = .value(value)
      case .tokensIn: message.tokensIn = value
      case .tokensOut: message.tokensOut = value
      case .cost: message.cost = value
      case .latency: message.latency = value
      case .embedding: mapEmbedding(value, index, of: tape, to: &message, &draft)
      case .meta:
        facts.add(
          value, as: ("rows", "meta"), naming: draft.session.key, of: tape, to: &message, index,
          &draft)
      }
    }
    if !isTexted, nullText == .empty { message.content = .bytes([]) }
    message.occurrence = RecordDigest.occurrence(
      Array(tape.bytes[own.id] + [0x1F] + tape.bytes[own.time]))
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }

  /// An embedding as reading the table has left it: `true` for one that was not read, its numbers or
  /// ``EmbeddingValues``' form of them, or its text where that is none.
  private func mapEmbedding(
    _ value: JSONValue, _ index: Int, of tape: borrowing JSONTape, to message: inout MessageDraft,
    _ draft: inout RecordDraft
  ) {
    switch tape.kind(value) {
    case .true_:
      draft.notes.append(
        Refusal(
          rule: .embeddingDropped, message: "an embedding stays in the source",
          messageIndex: index))
    case .array where embeddings == .metadata: draft.add("embedding", .value(value))
    case .object
    where embeddings == .metadata && EmbeddingValues(value, of: tape)?.isFinite == true:
      draft.add("embedding", .numbers(value))
    default:
      guard embeddings == .object, let values = EmbeddingValues(value, of: tape) else {
        draft.addLegacy("embedding", .value(value))
        draft.notes.append(
          Refusal(
            rule: .embeddingUnreadable, message: "an embedding is no list of numbers",
            messageIndex: index))
        return
      }
      message.storedRow = StoredRow(embedding: values)
    }
  }
}
