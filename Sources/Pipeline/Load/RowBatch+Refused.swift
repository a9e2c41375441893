internal import Postgres

extension RowBatch {
  /// Makes findings and rejects of the rows the server refused, with the bytes they were made of.
  ///
  /// - Returns: the rejects that are new; they are in ``rejects`` too.
  mutating func noteRefused(_ receipt: BatchReceipt, inputs: [PlannedInput]) -> [Reject] {
    let known = rejects.count
    note(receipt.refusedSessions, sessions.rows, .session, inputs)
    note(receipt.refusedMessages, messages.rows, .message, inputs)
    return Array(rejects[known...])
  }

  private mutating func note(
    _ refused: [Int: RowRefusal], _ rows: [EncodedRow], _ kind: Reject.Kind,
    _ inputs: [PlannedInput]
  ) {
    for (index, refusal) in refused.sorted(by: { $0.key < $1.key }) {
      let place = rows[index].place
      var reject = Reject(
        kind: kind, input: inputs[Int(place.input)].path, place: place, stage: .load,
        rule: .rowRefused, message: "", bytes: sourceBytes(place))
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
      findings.note(reject.rule, at: place, field: reject.field, reject.message)
      rejects.append(reject)
    }
  }
}
