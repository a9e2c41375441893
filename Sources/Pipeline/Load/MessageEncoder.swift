internal import Postgres

/// Fields of a message row; text first, because the id is a hash of it, metadata last, because it takes
/// what did not fit elsewhere.
enum MessageField: Hashable, Sendable {
  case content, id, sessionId, role, toolName, toolArgs, toolResult
  case tokensIn, tokensOut, tokens, cost, latency, model, provider, createdAt, files, images
  case metadata

  static let known: [(field: MessageField, names: [String])] = [
    (.content, ["content"]), (.id, ["id"]), (.sessionId, ["session_id"]), (.role, ["role"]),
    (.toolName, ["tool_name"]), (.toolArgs, ["tool_args"]), (.toolResult, ["tool_result"]),
    (.tokensIn, ["tokens_in"]), (.tokensOut, ["tokens_out"]), (.tokens, ["tokens"]),
    (.cost, ["cost_usd", "cost"]), (.latency, ["latency_ms", "latency"]),
    (.model, ["model_used", "model"]), (.provider, ["provider_used", "provider"]),
    (.createdAt, ["created_at"]), (.files, ["files"]), (.images, ["images"]),
    (.metadata, ["metadata"]),
  ]
  static let required: Set<MessageField> = [
    .content, .id, .sessionId, .role, .createdAt, .metadata,
  ]
  /// Fields that stay in metadata unless their column takes lists.
  static let lists: Set<MessageField> = [.files, .images]
}

/// Encodes messages for one table layout; buffers are kept from row to row.
struct MessageEncoder {
  /// The layout's columns taken apart: what is read for each field of each row is a byte or two, and
  /// copying a column whole would count references.
  private let fields: [MessageField]
  let kinds: [ColumnKind]
  /// What stands in a row for a field the source does not have, one behind the other, and where each is.
  let absentBytes: [UInt8]
  let absentRanges: [Range<Int>]
  let names: [String]
  let plan: TransformPlan
  let metadata: MetadataWriter
  private var key: [UInt8] = []
  private var rawText: [UInt8] = []
  private var facts = RowFacts()
  private var pending = PendingIds()
  /// Whether ids can be made later than their rows, which are then written in between.
  private let defersIds: Bool
  /// Fields whose values go to metadata for want of a column.
  let columnless: Set<MessageField>

  init(layout: RowLayout<MessageField>, plan: TransformPlan) {
    fields = layout.columns.map(\.field)
    kinds = layout.columns.map(\.kind)
    names = layout.columns.map(\.name)
    var absentBytes: [UInt8] = []
    absentRanges = layout.columns.map { column in
      let start = absentBytes.count
      absentBytes.append(field: column.absent)
      return start..<absentBytes.count
    }
    self.absentBytes = absentBytes
    self.plan = plan
    metadata = MetadataWriter(plan)
    let there = Set(layout.columns.map(\.field))
    // Lists are in metadata anyhow, and the sum of tokens is made of two fields that answer for themselves.
    let idKind = layout.columns.first { $0.field == .id }?.kind
    defersIds = plan.ids == .v8 && idKind == .uuid
    columnless = Set(MessageField.known.map(\.field)).subtracting(there)
      .subtracting(MessageField.lists).subtracting([.tokens])
  }

  /// Appends one row; its id may be zero until ``completeIds(in:)``.
  ///
  /// `note` is told of characters changed and values moved to metadata.
  mutating func encode(
    _ draft: MessageDraft, _ message: PreparedMessage, session: SessionIdentity,
    entries: [MetadataEntry], of tape: borrowing JSONTape, place: Place,
    into rows: inout RowBuffer, note: TransformPlan.Note
  ) {
    if let source = draft.source { rows.reserve(tape.range(source).count + 256) }
    // Out of the encoder, which would be copied whole by a call that reads it and changes a part of it.
    var facts = RowFacts()
    swap(&facts, &self.facts)
    defer { swap(&facts, &self.facts) }
    facts.clear()
    var id = RowId(high: 0, low: 0)
    var laterId: (text: Range<Int>, milliseconds: Int64)?
    var idOffset = 0
    var changed = 0
    // Borrowed noncopyable values cannot be captured, so the row is written in place and closed here.
    rows.begin(fieldCount: fields.count)
    // What is absent in columns next to each other is appended at once.
    var absent = 0..<0
    for column in fields.indices {
      if isAbsent(fields[column], in: draft, message) {
        absent = absent.isEmpty ? column..<column + 1 : absent.lowerBound..<column + 1
        continue
      }
      if !absent.isEmpty {
        appendAbsent(absent, to: &rows.bytes)
        absent = 0..<0
      }
      switch fields[column] {
      case .content:
        let start = rows.bytes.beginField()
        let replaced = append(
          text: draft.content, refused: plan.refusedText, of: tape, to: &rows.bytes)
        // The id is of the whole text, so that another choice for history blocks does not make another.
        if mayDefer(draft, message, of: tape) {
          pending.beginKey()
          Self.appendKey(draft, message, session, of: tape, to: &pending.keys)
          laterId = (start..<rows.bytes.count, milliseconds(message, session))
        } else {
          id = makeId(draft, message, session, rows.bytes, start..<rows.bytes.count, of: tape)
        }
        if let own = message.ownText.value, case .value(let whole) = draft.content {
          rows.bytes.removeSubrange((start + own.upperBound)...)
          rows.bytes.removeSubrange(start..<start + own.lowerBound)
          // Whose characters are counted with the rest of the metadata.
          facts.overflow.add("raw_content", whole)
        } else {
          changed += replaced
        }
        rows.bytes.endField(start)
      case .id:
        idOffset = rows.bytes.count + 4
        rows.bytes.append(id: id, kind: kinds[column])
      case .sessionId: rows.bytes.append(id: session.id, kind: kinds[column])
      case .role:
        let start = rows.bytes.beginField()
        rows.bytes.append(staticText: message.role.text)
        rows.bytes.endField(start)
      case .toolName:
        changed += append(optional: draft.toolName, column, of: tape, to: &rows.bytes)
      case .model: changed += append(optional: draft.model, column, of: tape, to: &rows.bytes)
      case .provider:
        changed += append(
          provider: draft.provider, column, &facts.overflow, of: tape, to: &rows.bytes)
      case .toolArgs: changed += append(json: draft.toolArgs, column, of: tape, to: &rows.bytes)
      case .toolResult:
        changed += append(json: draft.toolResult, column, of: tape, to: &rows.bytes)
      case .tokensIn:
        append(
          number: draft.tokensIn, "tokens_in", column, &facts.overflow, of: tape, to: &rows.bytes,
          note)
      case .tokensOut:
        append(
          number: draft.tokensOut, "tokens_out", column, &facts.overflow, of: tape, to: &rows.bytes,
          note)
      case .tokens: append(sumOf: draft, column, &facts.overflow, of: tape, to: &rows.bytes)
      case .cost:
        append(
          number: draft.cost, "cost_usd", column, &facts.overflow, of: tape, to: &rows.bytes, note)
      case .latency:
        append(
          number: draft.latency, "latency_ms", column, &facts.overflow, of: tape, to: &rows.bytes,
          note)
      case .createdAt:
        if let created = message.created {
          rows.bytes.append(time: created, kind: kinds[column])
        } else {
          appendAbsent(column, to: &rows.bytes)
        }
      case .files:
        changed += append(
          list: draft.files, column, &facts.stored.files, of: tape, to: &rows.bytes, note)
      case .images:
        changed += append(
          list: draft.images, column, &facts.stored.images, of: tape, to: &rows.bytes, note)
      case .metadata:
        addColumnless(draft, to: &facts.overflow)
        facts.note(draft, message)
        if let store = message.clock {
          facts.provenance.add("time_zone", .text(Array(plan.zones[store].name.utf8)))
        }
        let start = rows.bytes.beginField()
        if kinds[column] == .jsonb { rows.bytes.append(1) }
        let outcome = metadata.append(
          entries[draft.entries], provenance: facts.provenance, overflow: facts.overflow,
          added: missingFiles(message, of: tape), stored: facts.stored, of: tape, to: &rows.bytes)
        changed += outcome.changedCharacters
        if outcome.droppedFields > 0 {
          note(.fieldDropped, "metadata", "\(outcome.droppedFields) fields have no column")
        }
        rows.bytes.endField(start)
      }
    }
    if !absent.isEmpty { appendAbsent(absent, to: &rows.bytes) }
    rows.end(
      id: id, session: session.id, place: place, isCounted: draft.part == 0, folded: draft.folded)
    if let laterId {
      pending.add(
        rows.rows.count - 1, at: idOffset, milliseconds: laterId.milliseconds, text: laterId.text)
    }
    guard changed > 0 else { return }
    note(
      plan.text == .mark ? .textMarked : .textReplaced, "content",
      "\(changed) characters that PostgreSQL cannot hold were \(plan.text == .mark ? "marked" : "replaced")"
    )
  }

  private mutating func makeId(
    _ draft: MessageDraft, _ message: PreparedMessage, _ session: SessionIdentity, _ bytes: [UInt8],
    _ content: Range<Int>,
    of tape: borrowing JSONTape
  ) -> RowId {
    if !draft.rareStoredRow.isAbsent, let id = draft.storedRow?.id { return id }
    key.removeAll(keepingCapacity: true)
    Self.appendKey(draft, message, session, of: tape, to: &key)
    // The hash is of the text as found, so that another text policy does not make another id.
    let milliseconds = milliseconds(message, session)
    if holdsRefusedText(draft.content, of: tape) {
      rawText.removeAll(keepingCapacity: true)
      _ = append(text: draft.content, refused: .keep, of: tape, to: &rawText)
      return RowId.make(
        scheme: plan.ids, milliseconds: milliseconds, key: key, text: rawText,
        0..<rawText.count)
    }
    return RowId.make(
      scheme: plan.ids, milliseconds: milliseconds, key: key, text: bytes, content)
  }

  /// Whether the text of a row stays as it is hashed, so that its id can be made later.
  private func mayDefer(
    _ draft: MessageDraft, _ message: PreparedMessage, of tape: borrowing JSONTape
  ) -> Bool {
    defersIds && message.ownText.isAbsent && draft.rareStoredRow.isAbsent
      && !holdsRefusedText(draft.content, of: tape)
  }

  /// Makes the ids of the rows so far; to be called before any of their texts is changed or a row taken back.
  mutating func completeIds(in rows: inout RowBuffer) { pending.complete(in: &rows) }

  private func milliseconds(_ message: PreparedMessage, _ session: SessionIdentity) -> Int64 {
    (message.time ?? session.ownTime)?.milliseconds ?? 0
  }

  /// Appends the parts of a message's natural key, all but its text.
  private static func appendKey(
    _ draft: MessageDraft, _ message: PreparedMessage, _ session: SessionIdentity,
    of tape: borrowing JSONTape, to key: inout [UInt8]
  ) {
    key.append(staticText: "message\u{1F}")
    key.append(0..<session.keyPrefix.count, of: session.keyPrefix)
    key.append(decimal: draft.occurrence ?? draft.index)
    key.append(0x1F)
    key.append(decimal: draft.part)
    key.append(0x1F)
    switch draft.role {
    case .value(let role): tape.appendDecoded(role, to: &key)
    default: key.append(staticText: message.role.text)
    }
    key.append(0x1F)
  }
}

/// What goes to a row's metadata beside the source's own fields; kept from row to row for its memory.
private struct RowFacts {
  var provenance = MetadataWriter.Provenance()
  var overflow = MetadataWriter.Provenance()
  var stored = MetadataWriter.StoredLists()

  mutating func clear() {
    provenance.clear()
    overflow.clear()
    stored = MetadataWriter.StoredLists()
  }

  /// Notes where the message comes from, and what of it is not stored as it was written.
  mutating func note(_ draft: MessageDraft, _ message: PreparedMessage) {
    provenance.add("index", .number(draft.index))
    if draft.part > 0 { provenance.add("part", .number(draft.part)) }
    if let role = message.sourceRole { provenance.add("role", role) }
    if message.isTimeChanged, let time = draft.time { provenance.add("raw_ts", time) }
    if message.isTimeMoved { provenance.add("ts_adjusted", .yes) }
  }
}
