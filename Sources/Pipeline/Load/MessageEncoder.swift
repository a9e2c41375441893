internal import Postgres

/// Fields of a message row; text first, because the id is a hash of it, metadata last, because it takes
/// what did not fit elsewhere.
enum MessageField: Hashable, Sendable {
  case content, id, sessionId, role, toolName, toolArgs, toolResult
  case tokensIn, tokensOut, tokens, cost, latency, model, provider, createdAt, metadata

  static let known: [(field: MessageField, names: [String])] = [
    (.content, ["content"]), (.id, ["id"]), (.sessionId, ["session_id"]), (.role, ["role"]),
    (.toolName, ["tool_name"]), (.toolArgs, ["tool_args"]), (.toolResult, ["tool_result"]),
    (.tokensIn, ["tokens_in"]), (.tokensOut, ["tokens_out"]), (.tokens, ["tokens"]),
    (.cost, ["cost_usd", "cost"]), (.latency, ["latency_ms", "latency"]),
    (.model, ["model_used", "model"]), (.provider, ["provider_used", "provider"]),
    (.createdAt, ["created_at"]), (.metadata, ["metadata"]),
  ]
  static let required: Set<MessageField> = [
    .content, .id, .sessionId, .role, .createdAt, .metadata,
  ]
}

/// Encodes messages for one table layout; buffers are kept from row to row.
struct MessageEncoder {
  /// The layout's columns taken apart: what is read for each field of each row is a byte or two, and
  /// copying a column whole would count references.
  private let fields: [MessageField]
  private let kinds: [ColumnKind]
  private let absentFields: [[UInt8]]
  private let names: [String]
  private let plan: TransformPlan
  private let metadata: MetadataWriter
  private var key: [UInt8] = []
  private var rawText: [UInt8] = []
  private let columnless: Set<MessageField>

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
    var id = RowId(high: 0, low: 0)
    var changed = 0
    // Borrowed noncopyable values cannot be captured, so the row is written in place and closed here.
    rows.begin(fieldCount: fields.count)
    for column in fields.indices {
      switch fields[column] {
      case .content:
        let start = rows.bytes.beginField()
        changed += append(text: draft.content, of: tape, to: &rows.bytes)
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
      case .metadata:
        addColumnless(draft, to: &overflow)
        let start = rows.bytes.beginField()
        if kinds[column] == .jsonb { rows.bytes.append(1) }
        let outcome = metadata.append(
          entries[draft.entries], provenance: provenance(draft, message), overflow: overflow,
          of: tape,
          to: &rows.bytes)
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
    key.append(decimal: draft.index)
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
    if case .value(let value) = draft.content,
      !tape[value].flags.isDisjoint(with: [.nul, .surrogate])
    {
      rawText.removeAll(keepingCapacity: true)
      tape.appendDecoded(value, to: &rawText)
      return RowId.make(
        scheme: plan.ids, milliseconds: milliseconds, key: key, text: rawText,
        0..<rawText.count)
    }
    return RowId.make(
      scheme: plan.ids, milliseconds: milliseconds, key: key, text: bytes, content)
  }

  private func append(
    text: DraftText, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) -> Int {
    switch text {
    case .absent: return 0
    case .bytes(let bytes):
      out.append(contentsOf: bytes)
      return 0
    case .value(let value):
      return tape.appendDecoded(value, refused: plan.refusedText, to: &out)
    case .parts(let values):
      var changed = 0
      for (number, value) in values.enumerated() {
        if number > 0 { out.append(0x0A) }
        changed += tape.appendDecoded(value, refused: plan.refusedText, to: &out)
      }
      return changed
    }
  }

  private func append(
    optional text: DraftText, _ column: Int, of tape: borrowing JSONTape,
    to out: inout [UInt8]
  ) -> Int {
    if case .absent = text {
      out.append(contentsOf: absentFields[column])
      return 0
    }
    let start = out.beginField()
    let changed = append(text: text, of: tape, to: &out)
    out.endField(start)
    return changed
  }

  private func append(
    provider: DraftText, _ column: Int,
    _ overflow: inout MetadataWriter.Provenance, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) -> Int {
    guard case .value(let value) = provider else {
      return append(optional: provider, column, of: tape, to: &out)
    }
    switch ProviderName.read(tape.decoded(value)) {
    case .asWritten: return append(optional: provider, column, of: tape, to: &out)
    case .respelled(let name):
      overflow.add("provider", value)
      out.append(field: name)
    case .none:
      overflow.add("provider", value)
      out.append(contentsOf: absentFields[column])
    }
    return 0
  }

  private func append(
    json: DraftJSON, _ column: Int, of tape: borrowing JSONTape,
    to out: inout [UInt8]
  ) -> Int {
    if case .absent = json {
      out.append(contentsOf: absentFields[column])
      return 0
    }
    let start = out.beginField()
    if kinds[column] == .jsonb { out.append(1) }
    let changed = metadata.append(json, of: tape, to: &out)
    out.endField(start)
    return changed
  }

  private func append(
    number value: JSONValue?, _ name: StaticString, _ column: Int,
    _ overflow: inout MetadataWriter.Provenance, of tape: borrowing JSONTape,
    to out: inout [UInt8], _ note: TransformPlan.Note
  ) {
    guard let value else {
      out.append(contentsOf: absentFields[column])
      return
    }
    if let number = tape.decimal(value), out.append(number: number, kind: kinds[column]) { return }
    out.append(contentsOf: absentFields[column])
    overflow.add(name, value)
    note(
      .valueRange, names[column], "a value that \(names[column]) cannot hold is kept in metadata")
  }

  /// The short form of the table has one column for both counts, which then go to metadata.
  private func append(
    sumOf draft: MessageDraft, _ column: Int,
    _ overflow: inout MetadataWriter.Provenance, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) {
    let counts = [draft.tokensIn, draft.tokensOut].compactMap { value in
      value.flatMap { tape.decimal($0)?.nearestInteger }
    }
    let sum = counts.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
    guard !counts.isEmpty, let number = DecimalNumber(Array(String(sum).utf8)),
      out.append(number: number, kind: kinds[column])
    else {
      out.append(contentsOf: absentFields[column])
      return
    }
  }

  private func addColumnless(
    _ draft: MessageDraft, to overflow: inout MetadataWriter.Provenance
  ) {
    guard !columnless.isEmpty else { return }
    func add(_ field: MessageField, _ name: StaticString, _ value: JSONValue?) {
      if let value, columnless.contains(field) { overflow.add(name, value) }
    }
    func add(_ field: MessageField, _ name: StaticString, _ text: DraftText) {
      if case .value(let value) = text { add(field, name, value) }
    }
    func add(_ field: MessageField, _ name: StaticString, _ json: DraftJSON) {
      if case .absent = json { return }
      if columnless.contains(field) { overflow.members.append((name, json)) }
    }
    add(.tokensIn, "tokens_in", draft.tokensIn)
    add(.tokensOut, "tokens_out", draft.tokensOut)
    add(.cost, "cost_usd", draft.cost)
    add(.latency, "latency_ms", draft.latency)
    add(.model, "model_used", draft.model)
    add(.provider, "provider_used", draft.provider)
    add(.toolName, "tool_name", draft.toolName)
    add(.toolArgs, "tool_args", draft.toolArgs)
    add(.toolResult, "tool_result", draft.toolResult)
  }

  private func provenance(
    _ draft: MessageDraft, _ message: PreparedMessage
  ) -> MetadataWriter.Provenance {
    var provenance = MetadataWriter.Provenance()
    provenance.add("index", draft.index)
    if draft.part > 0 { provenance.add("part", draft.part) }
    if let role = message.sourceRole { provenance.add("role", role) }
    if message.isTimeChanged, let time = draft.time { provenance.add("raw_ts", time) }
    return provenance
  }
}

extension JSONTape {
  /// A number, or text that holds one; nil for anything else.
  func decimal(_ value: JSONValue) -> DecimalNumber? {
    switch kind(value) {
    case .number, .string: DecimalNumber(bytes[range(value)])
    default: nil
    }
  }
}

extension [UInt8] {
  /// Appends a whole number in decimal digits.
  mutating func append(decimal value: some BinaryInteger) {
    append(contentsOf: String(value).utf8)
  }
}
