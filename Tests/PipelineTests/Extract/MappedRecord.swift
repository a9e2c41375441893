@testable import Pipeline

/// What a dialect made of a record, as text that a test can compare.
struct MappedRecord: Equatable {
  var key = ""
  var continuationId: String?
  var title: String?
  var created: String?
  var updated: String?
  var metadata = "{}"
  var refusal: String?
  var notes: [Rule] = []
  var rows: [MappedRow] = []
}

/// One message of a ``MappedRecord``; JSON as it would be stored.
struct MappedRow: Equatable {
  var number = ""
  var role: String?
  var content: String?
  var time: String?
  var tool: String?
  var args: String?
  var result: String?
  var tokensIn: String?
  var tokensOut: String?
  var cost: String?
  var latency: String?
  var model: String?
  var provider: String?
  var metadata = "{}"
  var folded = 0
  var mayLackContent = false
  var refusal: Rule?
}

/// Renders drafts of one tape.
struct DraftRendering {
  let metadata: MetadataWriter

  init() throws { metadata = MetadataWriter(try TransformPlan(TransformSpec())) }

  func text(_ draft: DraftText, _ tape: borrowing JSONTape) -> String? {
    switch draft {
    case .absent: nil
    case .value(let value): String(decoding: tape.decoded(value), as: UTF8.self)
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .parts(let values):
      values.map { String(decoding: tape.decoded($0), as: UTF8.self) }.joined(separator: "\n")
    }
  }

  func json(_ draft: DraftJSON, _ tape: borrowing JSONTape) -> String? {
    if case .absent = draft { return nil }
    var out: [UInt8] = []
    _ = metadata.append(draft, of: tape, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  private func value(_ value: JSONValue?, _ tape: borrowing JSONTape) -> String? {
    value.map { String(decoding: tape.bytes[tape.range($0)], as: UTF8.self) }
  }

  private func entries(
    _ entries: ArraySlice<MetadataEntry>, _ tape: borrowing JSONTape
  ) -> String {
    var out: [UInt8] = []
    _ = metadata.append(
      entries, provenance: MetadataWriter.Provenance(), overflow: MetadataWriter.Provenance(),
      of: tape, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  func record(_ draft: RecordDraft, _ tape: borrowing JSONTape) -> MappedRecord {
    var record = MappedRecord()
    record.key = String(decoding: draft.session.key, as: UTF8.self)
    record.continuationId = text(draft.session.continuationId, tape)
    record.title = text(draft.session.title, tape)
    record.created = value(draft.session.created, tape)
    record.updated = value(draft.session.updated, tape)
    record.metadata = entries(draft.entries[draft.session.entries], tape)
    record.refusal = draft.refusal?.message
    record.notes = draft.notes.map(\.rule)
    for message in draft.messages {
      var row = MappedRow()
      row.number = message.part == 0 ? "\(message.index)" : "\(message.index).\(message.part)"
      row.role = text(message.role, tape)
      row.content = text(message.content, tape)
      row.time = value(message.time, tape)
      row.tool = text(message.toolName, tape)
      row.args = json(message.toolArgs, tape)
      row.result = json(message.toolResult, tape)
      row.tokensIn = value(message.tokensIn, tape)
      row.tokensOut = value(message.tokensOut, tape)
      row.cost = value(message.cost, tape)
      row.latency = value(message.latency, tape)
      row.model = text(message.model, tape)
      row.provider = text(message.provider, tape)
      row.metadata = entries(draft.entries[message.entries], tape)
      row.folded = message.folded
      row.mayLackContent = message.mayLackContent
      row.refusal = message.refusal?.rule
      record.rows.append(row)
    }
    return record
  }
}
