/// Rows of the product's later tables `conversations`, `messages` and `message_bus`, as dumps have them.
///
/// A record is a conversation with its messages, put together by ``DumpPart``, which says what it looks like.
/// Rows of the first two keep their ids.
struct MessagesDump {
  static let family = "messages-dump"
  /// Key of the list that may hold millions of messages.
  static let listKeys: [StaticString] = ["messages"]

  private enum Field: String, CaseIterable, Sendable {
    case id, title, metadata
    case continuationId = "continuation_id"
    case created = "created_at"
    case updated = "updated_at"
  }

  private enum MessageField: String, CaseIterable, Sendable {
    case id, role, content, metadata
    case conversation = "conversation_id"
    case created = "created_at"
    case key = "idempotency_key"
  }

  private let fields = KeyTable<Field>()
  private let messageFields = KeyTable<MessageField>()
  private let facts = DumpMetadata()
  private let bus = MessageBus()

  /// Maps one conversation.
  ///
  /// `numbers` are the positions of its messages where these are not all it has.
  func map(
    _ root: JSONValue, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    if let problem = tape.present(root, "refusal") {
      let isMessage = tape.present(root, "row").map { tape.equals($0, "message") } ?? false
      draft.refusal = Refusal(
        rule: .recordShape, message: String(decoding: tape.decoded(problem), as: UTF8.self))
      if isMessage { draft.messages.append(MessageDraft(index: 0)) }
      return
    }
    if let key = tape.present(root, "key") { draft.session.key = tape.decoded(key) }
    draft.session.continuationId = .bytes(draft.session.key)
    if let row = tape.present(root, "conversation"), tape.kind(row) == .object {
      mapConversation(row, of: tape, into: &draft)
      if tape.present(root, "undoubled") != nil { draft.notes.append(Self.undoubled(nil)) }
    } else if let name = tape.member(root, "bus") {
      draft.session.isMade = true
      if tape.isNull(name) {
        draft.session.title = .bytes(BusPayload.title(of: draft.session.key))
      } else {
        draft.session.continuationId = .bytes(tape.decoded(name))
      }
    } else if numbers.isEmpty {
      draft.session.isMade = true
      draft.notes.append(
        Refusal(
          rule: .conversationMissing, message: "no row of its conversation is in the input"))
    }
    if let copies = tape.present(root, "copies") { draft.session.copies = tape.wholeNumber(copies) }
    if let merged = tape.present(root, "merged"), tape.count(merged) > 0 {
      draft.notes.append(
        Refusal(
          rule: .idRepeated, field: "id",
          message: "\(tape.count(merged)) further rows of this id are others, and kept beside it"))
      draft.addLegacy("merged", .value(merged))
    }
    draft.session.entries = 0..<draft.entries.count
    guard let list = tape.present(root, "messages"), tape.kind(list) == .array else { return }
    draft.sliced = tape.slices(of: list)
    mapMessages(list, numbers: numbers, of: tape, into: &draft)
  }

  /// Whether the arrays whose elements are not on the tape are the record's messages, and nothing else.
  func areMessages(_ tape: borrowing JSONTape) -> Bool {
    guard let sliced = tape.slicedArrays.first else { return true }
    return tape.slicedArrays.count == 1
      && tape.present(tape.root, "messages") == sliced.array
  }

  /// Maps messages that follow each other, the first at the position `first`.
  func mapMessages(
    _ list: JSONValue, from first: Int = 0, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    var index = 0
    tape.forEachElement(list) { element in
      mapMessage(
        element, numbers.isEmpty ? first + index : numbers[index], of: tape, into: &draft)
      index += 1
    }
  }

  private func mapConversation(
    _ row: JSONValue, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    tape.forEachMember(row) { key, value in
      guard let field = fields.field(key, of: tape) else {
        if !tape.isNull(value) { draft.keep(key, value) }
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .id: break
      case .continuationId:
        if !tape.isBlank(value) { draft.session.continuationId = .bytes(tape.decoded(value)) }
      case .title: draft.session.title = .value(value)
      case .created: draft.session.created = value
      case .updated: draft.session.updated = value
      case .metadata: facts.addSession(value, of: tape, to: &draft)
      }
    }
    passOverDefaultTitle(of: tape, in: &draft)
  }

  /// Keeps a title aside that says no more than there being none.
  private func passOverDefaultTitle(of tape: borrowing JSONTape, in draft: inout RecordDraft) {
    guard case .value(let title) = draft.session.title, tape.kind(title) == .string,
      case .bytes(let name) = draft.session.continuationId,
      DefaultTitle.isOne(tape.decoded(title), of: name)
    else { return }
    draft.session.title = .absent
    draft.addLegacy("title", .value(title))
    draft.notes.append(
      Refusal(
        rule: .valuePlaceholder, field: "title",
        message: "the title is the one that conversations without a title were given"))
  }

  private func mapMessage(
    _ element: JSONValue, _ index: Int, of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: index)
    let firstEntry = draft.entries.count
    guard let row = tape.present(element, "row"), tape.kind(row) == .object else { return }
    message.source = row
    var own = StoredRow()
    if tape.member(element, "bus") != nil {
      bus.map(element, row: row, of: tape, to: &message, into: &draft)
    } else {
      let isIdRepeated = tape.present(element, "repeated") != nil
      mapRow(row, index, isIdRepeated: isIdRepeated, of: tape, &own, &message, into: &draft)
    }
    addMerged(element, index, of: tape, &own, &message, &draft)
    if let problem = tape.present(element, "refusal") {
      message.refusal = Refusal(
        rule: .recordShape, field: nil,
        message: String(decoding: tape.decoded(problem), as: UTF8.self))
    } else if let problem = tape.present(element, "unreadable") {
      message.refusal = Refusal(
        rule: .payloadUnreadable, field: "payload",
        message: String(decoding: tape.decoded(problem), as: UTF8.self))
    }
    if let difference = tape.present(element, "differs") {
      draft.notes.append(
        Refusal(
          rule: .payloadDiffers, field: "messages[\(index)].payload",
          message: String(decoding: tape.decoded(difference), as: UTF8.self), messageIndex: index))
    }
    if tape.present(element, "undoubled") != nil { draft.notes.append(Self.undoubled(index)) }
    message.storedRow = own
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }

  private func mapRow(
    _ row: JSONValue, _ index: Int, isIdRepeated: Bool, of tape: borrowing JSONTape,
    _ own: inout StoredRow, _ message: inout MessageDraft, into draft: inout RecordDraft
  ) {
    tape.forEachMember(row) { key, value in
      guard let field = messageFields.field(key, of: tape) else {
        if !tape.isNull(value) { draft.keep(key, value) }
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .id:
        let text = tape.decoded(value)
        let id = RowId(uuid: text.span)
        if isIdRepeated, id != nil { draft.notes.append(Self.idRepeated(index)) }
        own.id = isIdRepeated ? nil : id
        if own.id == nil {
          // A name of another kind, or one another row keeps, is what tells the row from others, wherever it stands.
          message.occurrence = Int(truncatingIfNeeded: WyHash.hash(text.span, 0..<text.count) >> 1)
          draft.addLegacy("id", .value(value))
        }
      case .conversation: break
      case .role: message.role = .value(value)
      case .content: message.content = .value(value)
      case .created: message.time = value
      case .key: draft.addLegacy("idempotency_key", .value(value))
      case .metadata:
        let fileIds = facts.add(value, of: tape, to: &message, index, &draft)
        if let fileIds { own.fileIds.append(fileIds) }
      }
    }
  }

  /// What rows of the same answer by another writer say: each value that the first one lacks, and all of
  /// them as they were, beside it.
  private func addMerged(
    _ element: JSONValue, _ index: Int, of tape: borrowing JSONTape, _ own: inout StoredRow,
    _ message: inout MessageDraft, _ draft: inout RecordDraft
  ) {
    guard let copies = tape.present(element, "copies") else { return }
    own.copies = tape.wholeNumber(copies)
    draft.notes.append(
      Refusal(
        rule: .contentMerged, field: "messages[\(index)]",
        message: "\(own.copies) further rows of the same answer are part of it",
        messageIndex: index))
    guard let merged = tape.present(element, "merged"), tape.count(merged) > 0 else { return }
    tape.forEachElement(merged) { row in
      if let metadata = tape.present(row, "metadata") {
        facts.fill(&message, from: metadata, of: tape)
        if tape.kind(metadata) == .object, let fileIds = tape.present(metadata, "file_ids") {
          own.fileIds.append(fileIds)
        }
      }
    }
    draft.addLegacy("merged", .value(merged))
  }

  private static func idRepeated(_ index: Int) -> Refusal {
    Refusal(
      rule: .idRepeated, field: "messages[\(index)].id",
      message: "a message of another conversation has this id and keeps it", messageIndex: index)
  }

  private static func undoubled(_ index: Int?) -> Refusal {
    Refusal(
      rule: .jsonBackslashes, field: index.map { "messages[\($0)].metadata" } ?? "metadata",
      message: "backslashes that an exporter had doubled are single again", messageIndex: index)
  }
}

/// What a row of the product's own later tables brings along.
struct StoredRow {
  var id: RowId?
  /// Further rows that are part of it.
  var copies = 0
  /// What goes to the session's file of embeddings.
  var embedding: EmbeddingValues?
  /// Lists of the ids of the files that it cites, and those of its copies.
  var fileIds: [JSONValue] = []
}

extension JSONTape {
  /// A whole number that convoy wrote itself.
  func wholeNumber(_ value: JSONValue) -> Int {
    bytes[range(value)].reduce(0) { $0 &* 10 &+ Int($1 &- UInt8(ascii: "0")) }
  }
}
