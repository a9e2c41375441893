internal import Postgres

extension AssemblySetup {
  /// The layout of empty tables of the built-in schema; `now` is what their defaults call so.
  init(offline plan: RunPlan, now: Timestamp) throws(RunError) {
    let sessions = TargetTable(
      name: "exai_sessions", BaselineSchema.sessions + [BaselineSchema.continuationId], now: now)
    let messages = TargetTable(name: "exai_messages", BaselineSchema.messages, now: now)
    self.init(
      dialects: plan.dialects, inputs: plan.inputs, transform: plan.transform,
      rules: plan.rules,
      sessionLayout: try RowLayout(
        sessions, known: SessionField.known, required: SessionField.required),
      messageLayout: try RowLayout(
        messages, known: MessageField.known, required: MessageField.required,
        lists: MessageField.lists),
      absentTime: now, batchRows: plan.spec.load.batchRows,
      sampleLimit: plan.spec.report.samples, attached: plan.attach?.roots)
  }
}

extension TargetTable {
  /// The table as a catalogue would have it.
  init(name: String, _ columns: [BaselineColumn], now: Timestamp) {
    self.init(
      name: name,
      columns: columns.map { column in
        TargetColumn(
          name: column.name, type: column.type.catalogued.type,
          modifier: column.type.catalogued.modifier,
          isNotNull: column.isNotNull || column.isPrimaryKey,
          hasDefault: column.defaultValue != .null, isComputed: false,
          defaultValue: column.stored(now: now), defaultText: column.storedText(now: now))
      }, hasInsertTrigger: false)
  }
}

extension BaselineColumn {
  /// The default in binary; nil for NULL, and for an id, which every row brings.
  fileprivate func stored(now: Timestamp) -> [UInt8]? {
    var value: [UInt8] = []
    switch defaultValue {
    case .null, .randomId: return nil
    case .now: value.append(bigEndian: now.postgresMicroseconds)
    case .emptyObject: value = [1] + Array("{}".utf8)
    case .zero:
      guard case .numeric(_, let scale) = type else { return [0, 0, 0, 0] }
      // No digit groups, weight 0, positive, and the scale.
      for part in [0, 0, 0, scale] { value.append(bigEndian: Int16(part)) }
    }
    return value
  }

  /// The same as text.
  fileprivate func storedText(now: Timestamp) -> String? {
    switch defaultValue {
    case .null, .randomId: return nil
    case .now: return now.rfc3339
    case .emptyObject: return "{}"
    case .zero:
      guard case .numeric(_, let scale) = type else { return "0" }
      return "0." + String(repeating: "0", count: scale)
    }
  }
}
