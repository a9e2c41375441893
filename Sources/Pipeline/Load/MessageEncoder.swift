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
  let absentFields: [[UInt8]]
  let names: [String]
  let plan: TransformPlan
  let metadata: MetadataWriter
  private var key: [UInt8] = []
  private var rawText: [UInt8] = []
  /// Fields whose values go to metadata for want of a column; lists are there anyhow.
  let columnless: Set<MessageField>

  init(layout: RowLayout<MessageField>, plan: TransformPlan) {
    fields = layout.columns.map(\.field)
    kinds = layout.columns.map(\.kind)
    names = layout.columns.map(\.name)
    absentFields = layout.columns.map { column in
      var field: [UInt8] = []
      field.append(field: column.absent)
      return field
    }
    self.plan = plan
    metadata = MetadataWriter(plan)
    let there = Set(layout.columns.map(\.field))
    columnless = Set(MessageField.known.map(\.field)).subtracting(there)
      .subtracting(MessageField.lists)
  }

  /// Appends one row.
  ///
  /// `note` is told of characters changed and values moved to metadata.
  mutating func encode(
    _ draft: MessageDraft, _ message: PreparedMessage, session: SessionState,
    entries: [MetadataEntry], of tape: borrowing JSONTape, place: Place,
    into rows: inout RowBuffer, note: TransformPlan.Note
  ) {
    if let source = draft.source { rows.reserve(tape.range(source).count + 256) }
    var overflow = MetadataWriter.Provenance()
    var stored = MetadataWriter.StoredLists()
    var id = RowId(high: 0, low: 0)
    var changed = 0
    // Borrowed noncopyable values cannot be captured, so the row is written in place and closed here.
    rows.begin(fieldCount: fields.count)
    for column in fields.indices {
      switch fields[column] {
      case .content:
        let start = rows.bytes.beginField()
        changed += append(
          text: draft.content, refused: plan.refusedText, of: tape, to: &rows.bytes)
        id = makeId(draft, message, session, rows.bytes, start..<rows.bytes.count, of: tape)
        rows.bytes.endField(start)
      case .id: rows.bytes.append(id: id, kind: kinds[column])
      case .sessionId: rows.bytes.append(id: session.id, kind: kinds[column])
      case .role: rows.bytes.append(field: Array(message.role.rawValue.utf8))
      case .toolName:
        changed += append(optional: draft.toolName, column, of: tape, to: &rows.bytes)
      case .model: changed += append(optional: draft.model, column, of: tape, to: &rows.bytes)
      case .provider:
        changed += append(provider: draft.provider, column, &overflow, of: tape, to: &rows.bytes)
      case .toolArgs: changed += append(json: draft.toolArgs, column, of: tape, to: &rows.bytes)
      case .toolResult:
        changed += append(json: draft.toolResult, column, of: tape, to: &rows.bytes)
      case .tokensIn:
        append(
          number: draft.tokensIn, "tokens_in", column, &overflow, of: tape, to: &rows.bytes, note)
      case .tokensOut:
        append(
          number: draft.tokensOut, "tokens_out", column, &overflow, of: tape, to: &rows.bytes, note)
      case .tokens: append(sumOf: draft, column, &overflow, of: tape, to: &rows.bytes)
      case .cost:
        append(number: draft.cost, "cost_usd", column, &overflow, of: tape, to: &rows.bytes, note)
      case .latency:
        append(
          number: draft.latency, "latency_ms", column, &overflow, of: tape, to: &rows.bytes, note)
      case .createdAt:
        if let created = message.created {
          rows.bytes.append(time: created, kind: kinds[column])
        } else {
          rows.bytes.append(contentsOf: absentFields[column])
        }
      case .files:
        changed += append(list: draft.files, column, &stored.files, of: tape, to: &rows.bytes, note)
      case .images:
        changed += append(
          list: draft.images, column, &stored.images, of: tape, to: &rows.bytes, note)
      case .metadata:
        addColumnless(draft, to: &overflow)
        let start = rows.bytes.beginField()
        if kinds[column] == .jsonb { rows.bytes.append(1) }
        let outcome = metadata.append(
          entries[draft.entries], provenance: provenance(draft, message), overflow: overflow,
          stored: stored, of: tape, to: &rows.bytes)
        changed += outcome.changedCharacters
        if outcome.droppedFields > 0 {
          note(.fieldDropped, "metadata", "\(outcome.droppedFields) fields have no column")
        }
        rows.bytes.endField(start)
      }
    }
    rows.end(
      id: id, session: session.id, place: place, isCounted: draft.part == 0, folded: draft.folded)
    guard changed > 0 else { return }
    note(
      plan.text == .mark ? .textMarked : .textReplaced, "content",
      "\(changed) characters that PostgreSQL cannot hold were \(plan.text == .mark ? "marked" : "replaced")"
    )
  }

  private mutating func makeId(
    _ draft: MessageDraft, _ message: PreparedMessage, _ session: SessionState, _ bytes: [UInt8],
    _ content: Range<Int>,
    of tape: borrowing JSONTape
  ) -> RowId {
    key.removeAll(keepingCapacity: true)
    key.append(staticText: "message\u{1F}")
    key.append(contentsOf: session.keyPrefix)
    key.append(decimal: draft.occurrence ?? draft.index)
    key.append(0x1F)
    key.append(decimal: draft.part)
    key.append(0x1F)
    switch draft.role {
    case .value(let role): tape.appendDecoded(role, to: &key)
    default: key.append(contentsOf: message.role.rawValue.utf8)
    }
    key.append(0x1F)
    // The hash is of the text as found, so that another text policy does not make another id.
    let milliseconds = (message.time ?? session.ownTime)?.milliseconds ?? 0
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

  private func provenance(
    _ draft: MessageDraft, _ message: PreparedMessage
  ) -> MetadataWriter.Provenance {
    var provenance = MetadataWriter.Provenance()
    provenance.add("index", draft.index)
    if draft.part > 0 { provenance.add("part", draft.part) }
    if let role = message.sourceRole { provenance.add("role", role) }
    if message.isTimeChanged, let time = draft.time { provenance.add("raw_ts", time) }
    if message.isTimeMoved {
      provenance.members.append(("ts_adjusted", .bytes(Array("true".utf8))))
    }
    return provenance
  }
}
