internal import Postgres

/// Fields of a session row.
enum SessionField: Hashable, Sendable {
  case id, userId, title, createdAt, updatedAt, continuationId, metadata

  static let known: [(field: SessionField, names: [String])] = [
    (.id, ["id"]), (.userId, ["user_id"]), (.title, ["title"]), (.createdAt, ["created_at"]),
    (.updatedAt, ["updated_at"]), (.continuationId, ["continuation_id"]),
    (.metadata, ["metadata"]),
  ]
  static let required: Set<SessionField> = [
    .id, .userId, .createdAt, .updatedAt, .continuationId, .metadata,
  ]
}

/// Encodes session rows for one table layout.
struct SessionEncoder {
  let layout: RowLayout<SessionField>
  private let plan: TransformPlan
  private let metadata: MetadataWriter
  /// Name of the dialect's family, as it stands in keys and provenance.
  var family: [UInt8]

  init(layout: RowLayout<SessionField>, plan: TransformPlan) {
    self.layout = layout
    self.plan = plan
    metadata = MetadataWriter(plan)
    family = []
  }

  /// Appends the row of a session whose messages have been seen.
  ///
  /// `inputName` is what the report calls the input, kept as provenance with the origin. The outcome counts characters the
  /// text policy changed and fields dropped.
  func encode(
    _ session: SessionState, entries: ArraySlice<MetadataEntry>, inputName: [UInt8],
    origin: SessionOrigin, of tape: borrowing JSONTape, place: Place, into rows: inout RowBuffer
  ) -> MetadataWriter.Outcome {
    var outcome = MetadataWriter.Outcome()
    begin(session, in: &rows) { bytes in
      var provenance = MetadataWriter.Provenance()
      provenance.add("source", .text(family))
      provenance.add("file", .text(inputName))
      provenance.add("line", .number(origin.line))
      provenance.add("inputs", .text(origin.inputSet))
      outcome = metadata.append(
        entries, provenance: provenance, overflow: .init(), added: plan.addedMetadata, of: tape,
        to: &bytes)
    }
    rows.end(
      id: session.id, session: session.id, place: place, isCounted: !session.isContinued)
    return outcome
  }

  /// Appends a row that widens a session the target has and leads messages to it; never stored itself.
  ///
  /// Where the session's title is still `formerTitle`, and the text of its time `formerTime`, they become
  /// this row's.
  func encodeAttachment(
    _ session: SessionState, formerTitle: [UInt8]?, formerTime: [UInt8]?, place: Place,
    into rows: inout RowBuffer
  ) {
    begin(session, in: &rows) { bytes in
      let former = [
        (MergeStatements.formerTitle, formerTitle), (MergeStatements.formerTime, formerTime),
      ]
      bytes.append(contentsOf: "{\"\(MergeStatements.attachment)\":true".utf8)
      for (name, value) in former {
        guard let value else { continue }
        bytes.append(UInt8(ascii: ","))
        bytes.appendJSONString(name.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendJSONString(value)
      }
      bytes.append(UInt8(ascii: "}"))
    }
    rows.end(id: session.id, session: session.id, place: place, isCounted: false)
  }

  /// Writes the fields of a row, whose end is up to the caller; `appendMetadata` appends the JSON text of
  /// one of them.
  private func begin(
    _ session: SessionState, in rows: inout RowBuffer, appendMetadata: (inout [UInt8]) -> Void
  ) {
    rows.begin(fieldCount: layout.columns.count)
    for column in layout.columns {
      switch column.field {
      case .id: rows.bytes.append(id: session.id, kind: column.kind)
      case .userId: rows.bytes.append(field: session.user ?? plan.userId)
      case .title: rows.bytes.append(field: session.title ?? column.absent)
      case .createdAt: append(session.created, column, to: &rows.bytes)
      case .updatedAt: append(session.updated, column, to: &rows.bytes)
      case .continuationId: rows.bytes.append(field: session.continuationId)
      case .metadata:
        let start = rows.bytes.beginField()
        if column.kind == .jsonb { rows.bytes.append(1) }
        appendMetadata(&rows.bytes)
        rows.bytes.endField(start)
      }
    }
  }

  private func append(
    _ time: Timestamp?, _ column: LayoutColumn<SessionField>, to out: inout [UInt8]
  ) {
    guard let time else {
      out.append(field: column.absent)
      return
    }
    out.append(time: time, kind: column.kind)
  }
}
