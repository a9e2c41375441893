/// What a batch's messages were found to be in sessions that the target has from another source.
struct CopyNotes {
  /// Of one session, by the id it has in the target.
  struct Session {
    var merged = 0
    var new = 0
  }

  var sessions: [RowId: Session] = [:]
  /// The row that stands for each message that has none of its own.
  var rows: [RowId: RowId] = [:]
  /// Messages of which the row that stands for them lacks something.
  var leftOut: Set<RowId> = []
  /// Messages that were moved in time to where they stand.
  var moved: Set<RowId> = []

  var isEmpty: Bool { sessions.isEmpty }

  mutating func add(_ other: CopyNotes) {
    sessions.merge(other.sessions) { first, second in
      Session(merged: first.merged + second.merged, new: first.new + second.new)
    }
    rows.merge(other.rows) { first, _ in first }
    leftOut.formUnion(other.leftOut)
    moved.formUnion(other.moved)
  }
}

extension FindingLog {
  /// Notes what a batch was found to have in common with what the target has from other sources.
  mutating func note(_ copies: CopyNotes, of batch: RowBatch, joined: [RowId: RowId]) {
    guard !copies.isEmpty else { return }
    var told: Set<RowId> = []
    for row in batch.sessions.rows {
      let id = joined[row.id] ?? row.id
      guard let session = copies.sessions[id], told.insert(id).inserted else { continue }
      note(
        .sessionOtherSource, at: row.place, field: "continuation_id",
        "messages that session \(id.text) has from another source: \(session.merged); new: \(session.new)"
      )
    }
    for row in batch.messages.rows where told.insert(row.id).inserted {
      if copies.leftOut.contains(row.id) {
        note(
          .copyLeftOut, at: row.place,
          "the message is there from another source, without some of what this one says")
      }
      if copies.moved.contains(row.id) {
        note(
          .timeBetween, at: row.place, field: "created_at",
          "moved to where it stands among the messages of another source")
      }
    }
  }
}
