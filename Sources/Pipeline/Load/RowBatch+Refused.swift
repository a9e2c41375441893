internal import Postgres

extension RowBatch {
  /// Makes findings and rejects of the rows the server refused, with the bytes they were made of.
  ///
  /// A source message is one reject, though it became several rows; a tool's result on a refused row is
  /// one of its own.
  /// - Returns: the rejects that are new; they are in ``rejects`` too.
  mutating func noteRefused(_ receipt: BatchReceipt, inputs: [PlannedInput]) -> [Reject] {
    let known = rejects.count
    for (index, refusal) in receipt.refusedSessions.sorted(by: { $0.key < $1.key })
    where !sessions.rows[index].isAttachment {
      let row = sessions.rows[index]
      note(refusal, .session, row, row.place, nil, inputs)
    }
    let results = Dictionary(folded.map { ($0.row, $0) }) { first, _ in first }
    var last: (origin: Int32, index: Int)?
    for (index, refusal) in receipt.refusedMessages.sorted(by: { $0.key < $1.key }) {
      let row = messages.rows[index]
      let message = messages.message(of: index)
      if last?.origin != row.origin || last?.index != message.index {
        note(refusal, .message, row, row.place, message, inputs)
      }
      last = (row.origin, message.index)
      guard let result = results[index] else { continue }
      let own = MessageOrigin(index: result.index, call: message.index)
      note(refusal, .message, row, result.place, own, inputs)
    }
    return Array(rejects[known...])
  }

  private mutating func note(
    _ refusal: RowRefusal, _ kind: Reject.Kind, _ row: EncodedRow, _ place: Place,
    _ message: MessageOrigin?, _ inputs: [PlannedInput]
  ) {
    let input = inputs[Int(place.input)]
    var reject = Reject(
      kind: kind, input: input.path, place: place, stage: .load, rule: .rowRefused, message: "",
      bytes: sourceBytes(place))
    switch refusal {
    case .parent:
      reject.rule = .sessionRejected
      reject.message = "its session was refused by the target"
    case .server(let error):
      reject.message = error.message
      reject.sqlState = error.sqlState?.rawValue
      reject.constraint = error.constraint
      reject.column = error.column
      reject.field = error.column
    }
    if row.origin >= 0 {
      reject.origin = RejectOrigin(origins[Int(row.origin)], message, inputName: input.name)
    }
    findings.note(reject.rule, at: place, field: reject.field, reject.message)
    rejects.append(reject)
  }
}
