internal import Postgres

/// The forms values of a draft take in a row.
extension MessageEncoder {
  func append(
    text: DraftText, refused: RefusedText, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) -> Int {
    switch text {
    case .absent: return 0
    case .bytes(let bytes):
      out.append(contentsOf: bytes)
      return 0
    case .value(let value):
      return tape.appendDecoded(value, refused: refused, to: &out)
    case .parts(let values):
      var changed = 0
      for (number, value) in values.enumerated() {
        if number > 0 { out.append(0x0A) }
        changed += tape.appendDecoded(value, refused: refused, to: &out)
      }
      return changed
    }
  }

  /// Whether a text holds what the text policy changes.
  func holdsRefusedText(_ text: DraftText, of tape: borrowing JSONTape) -> Bool {
    switch text {
    case .absent, .bytes: return false
    case .value(let value): return !tape[value].flags.isDisjoint(with: [.nul, .surrogate])
    case .parts(let values):
      for value in values where !tape[value].flags.isDisjoint(with: [.nul, .surrogate]) {
        return true
      }
      return false
    }
  }

  /// A member of metadata with the files that could not be attached, as the source has them, with a comma
  /// before it; empty where there are none.
  func missingFiles(_ message: PreparedMessage, of tape: borrowing JSONTape) -> [UInt8] {
    guard let missing = message.files.value?.missing, !missing.isEmpty else { return [] }
    var member = Array(",\"files_missing\":".utf8)
    _ = metadata.append(.list(missing), of: tape, to: &member)
    return member
  }

  func appendAbsent(_ column: Int, to out: inout [UInt8]) {
    out.append(absentRanges[column], of: absentBytes)
  }

  /// Appends what stands for absent values in columns next to each other.
  func appendAbsent(_ columns: Range<Int>, to out: inout [UInt8]) {
    let bytes =
      absentRanges[columns.lowerBound].lowerBound..<absentRanges[columns.upperBound - 1].upperBound
    out.append(bytes, of: absentBytes)
  }

  /// Whether the source has nothing for a field, so that nothing but what the column has by default is its value.
  @inline(__always)
  func isAbsent(
    _ field: MessageField, in draft: MessageDraft, _ message: PreparedMessage
  ) -> Bool {
    switch field {
    case .content, .id, .sessionId, .role, .metadata: false
    case .toolName: draft.toolName.isAbsent
    case .model: draft.model.isAbsent
    case .provider: draft.provider.isAbsent
    case .toolArgs: draft.toolArgs.isAbsent
    case .toolResult: draft.toolResult.isAbsent
    case .tokensIn: draft.tokensIn == nil
    case .tokensOut: draft.tokensOut == nil
    case .tokens: draft.tokensIn == nil && draft.tokensOut == nil
    case .cost: draft.cost == nil
    case .latency: draft.latency == nil
    case .createdAt: message.created == nil
    case .files: draft.files == nil
    case .images: draft.images == nil
    }
  }

  func append(
    optional text: DraftText, _ column: Int, of tape: borrowing JSONTape,
    to out: inout [UInt8]
  ) -> Int {
    if case .absent = text {
      appendAbsent(column, to: &out)
      return 0
    }
    let start = out.beginField()
    let changed = append(text: text, refused: plan.refusedText, of: tape, to: &out)
    out.endField(start)
    return changed
  }

  func append(
    provider: DraftText, _ column: Int,
    _ overflow: inout MetadataWriter.Provenance, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) -> Int {
    guard case .value(let value) = provider else {
      return append(optional: provider, column, of: tape, to: &out)
    }
    switch ProviderName.read(value, of: tape) {
    case .asWritten: return append(optional: provider, column, of: tape, to: &out)
    case .respelled(let name):
      overflow.add("provider", value)
      out.append(field: name)
    case .none:
      overflow.add("provider", value)
      appendAbsent(column, to: &out)
    }
    return 0
  }

  func append(
    json: DraftJSON, _ column: Int, of tape: borrowing JSONTape,
    to out: inout [UInt8]
  ) -> Int {
    if case .absent = json {
      appendAbsent(column, to: &out)
      return 0
    }
    let start = out.beginField()
    if kinds[column] == .jsonb { out.append(1) }
    let changed = metadata.append(json, of: tape, to: &out)
    out.endField(start)
    return changed
  }

  /// Appends a list of texts to a column of its own; `stored` is then what metadata need not hold.
  func append(
    list value: JSONValue?, _ column: Int, _ stored: inout JSONValue?,
    of tape: borrowing JSONTape, to out: inout [UInt8], _ note: TransformPlan.Note
  ) -> Int {
    guard let value else {
      appendAbsent(column, to: &out)
      return 0
    }
    guard case .textArray(let elementType) = kinds[column] else {
      stored = value
      return append(json: .value(value), column, of: tape, to: &out)
    }
    guard tape.kind(value) == .array else {
      appendAbsent(column, to: &out)
      note(.valueRange, names[column], "what is no list is kept in metadata")
      return 0
    }
    stored = value
    var count = 0
    var hasNull = false
    tape.forEachElement(value) { element in
      count += 1
      if tape.isNull(element) { hasNull = true }
    }
    let start = out.beginField()
    out.append(arrayOf: count, elementType: elementType, hasNull: hasNull)
    var changed = 0
    tape.forEachElement(value) { element in
      changed += append(element: element, of: tape, to: &out)
    }
    out.endField(start)
    return changed
  }

  /// Appends an element of a list: a string's text, or any other value's JSON.
  private func append(
    element: JSONValue, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) -> Int {
    guard !tape.isNull(element) else {
      out.appendNull()
      return 0
    }
    let start = out.beginField()
    let changed =
      tape.kind(element) == .string
      ? tape.appendDecoded(element, refused: plan.refusedText, to: &out)
      : tape.appendFitJSON(element, refused: plan.refusedText, to: &out)
    out.endField(start)
    return changed
  }

  func append(
    number value: JSONValue?, _ name: StaticString, _ column: Int,
    _ overflow: inout MetadataWriter.Provenance, of tape: borrowing JSONTape,
    to out: inout [UInt8], _ note: TransformPlan.Note
  ) {
    guard let value else {
      appendAbsent(column, to: &out)
      return
    }
    if let number = tape.decimal(value), out.append(number: number, kind: kinds[column]) { return }
    appendAbsent(column, to: &out)
    overflow.add(name, value)
    note(
      .valueRange, names[column], "a value that \(names[column]) cannot hold is kept in metadata")
  }

  /// The short form of the table has one column for both counts, which then go to metadata.
  func append(
    sumOf draft: MessageDraft, _ column: Int,
    _ overflow: inout MetadataWriter.Provenance, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) {
    let counts = [draft.tokensIn, draft.tokensOut].compactMap { value in
      value.flatMap { tape.decimal($0)?.nearestInteger }
    }
    let sum = counts.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
    guard !counts.isEmpty, out.append(number: DecimalNumber(sum), kind: kinds[column])
    else {
      appendAbsent(column, to: &out)
      return
    }
  }

  func addColumnless(
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
      if columnless.contains(field) { overflow.add(name, .json(json)) }
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
}

extension JSONTape {
  /// A number, or text that holds one; nil for anything else.
  func decimal(_ value: JSONValue) -> DecimalNumber? {
    switch kind(value) {
    case .number, .string: DecimalNumber(bytes.span.extracting(range(value)))
    default: nil
    }
  }
}
