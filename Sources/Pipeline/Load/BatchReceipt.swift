internal import Postgres

/// What the target made of a batch's rows of one table.
enum RowOutcome {
  case allInserted
  /// The ledger has the batch: its rows were there before.
  case allUnchanged
  /// Ids of the rows that were inserted and updated; `repeated` were put there by this run before, and
  /// `joined` names rows that went to another id.
  case resolved(
    inserted: Set<RowId>, updated: Set<RowId>, repeated: Set<RowId>, joined: [RowId: RowId])

  /// Adds counted rows to the outcome they had; rows of `refused` are counted elsewhere, as rejected.
  func count(
    _ rows: [EncodedRow], refused: Set<Int>,
    _ add: (Int32, WritableKeyPath<Counts, Int>, Int) -> Void
  ) {
    if case .allInserted = self {
      // The usual case, in which rows of one input follow each other: one addition for all of them.
      var (input, count) = (Int32(-1), 0)
      for row in rows where row.isCounted {
        if row.place.input != input {
          if count > 0 { add(input, \.inserted, count) }
          (input, count) = (row.place.input, 0)
        }
        count += 1
      }
      if count > 0 { add(input, \.inserted, count) }
      return
    }
    var seen: Set<RowId> = []
    for (index, row) in rows.enumerated() where !refused.contains(index) {
      var outcome: WritableKeyPath<Counts, Int> = \.unchanged
      var id = row.id
      if case .resolved(let inserted, let updated, let repeated, let joined) = self {
        id = joined[row.id] ?? row.id
        if repeated.contains(id) {
          outcome = \.merged
        } else if inserted.contains(id) {
          outcome = \.inserted
        } else if updated.contains(id) {
          outcome = \.updated
        }
      }
      if !seen.insert(id).inserted { outcome = \.merged }
      if row.isCounted { add(row.place.input, outcome, 1) }
    }
  }
}

extension RowOutcome {
  /// Whether rows of a batch, or the rows they were joined to, are all new.
  func isAllInserted(_ rows: some Sequence<EncodedRow>) -> Bool {
    guard case .resolved(let inserted, _, _, let joined) = self else { return true }
    return rows.allSatisfy { inserted.contains(joined[$0.id] ?? $0.id) }
  }

  /// The outcome of rows that were all inserted, where others of their batch may not have been.
  static func inserted(_ rows: ArraySlice<EncodedRow>) -> RowOutcome {
    .resolved(inserted: Set(rows.map(\.id)), updated: [], repeated: [], joined: [:])
  }

  /// Adds what became of further rows of the same batch.
  mutating func add(_ other: RowOutcome) {
    guard case .resolved(var inserted, var updated, var repeated, var joined) = self,
      case .resolved(let newInserted, let newUpdated, let newRepeated, let newJoined) = other
    else { return }
    // The sets are changed in place only while nobody else holds them.
    self = .allUnchanged
    // What an earlier part inserted is no other batch's.
    repeated.formUnion(newRepeated.subtracting(inserted).subtracting(updated))
    inserted.formUnion(newInserted)
    updated.formUnion(newUpdated.subtracting(inserted))
    joined.merge(newJoined) { _, new in new }
    self = .resolved(inserted: inserted, updated: updated, repeated: repeated, joined: joined)
  }
}

/// What became of a batch.
struct BatchReceipt {
  enum Path {
    /// Straight into the tables.
    case copied
    /// By temporary tables, because some of its rows were there.
    case merged
    /// Not at all: the ledger has it.
    case alreadyCommitted
  }

  var path: Path
  var sessions: RowOutcome
  var messages: RowOutcome
  /// What its messages have in common with what the target has from other sources.
  var copies = CopyNotes()
  /// Tries that failed in a way that passed.
  var retries = 0
  /// Sessions the server refused, by their index in the batch.
  var refusedSessions: [Int: RowRefusal] = [:]
  /// Messages the server refused, or whose session it did.
  var refusedMessages: [Int: RowRefusal] = [:]

  var hasRefusals: Bool { !refusedSessions.isEmpty || !refusedMessages.isEmpty }

  /// Adds what became of another part of the batch.
  mutating func add(_ other: BatchReceipt) {
    if other.path != .alreadyCommitted { path = other.path }
    sessions.add(other.sessions)
    messages.add(other.messages)
    copies.add(other.copies)
    retries += other.retries
    refusedSessions.merge(other.refusedSessions) { first, _ in first }
    refusedMessages.merge(other.refusedMessages) { first, _ in first }
  }
}

/// Why one row is not in the target.
enum RowRefusal {
  /// The server's own words.
  case server(PostgresError)
  /// Its session was refused.
  case parent
}

/// Where a worker's batches go; two of them: the target's tables, and a dry run's verdict.
protocol BatchSink: ~Copyable {
  /// Takes a batch to its end: everything of it is settled when this returns, nothing when it throws.
  ///
  /// `key` names the batch's source for the ledger.
  mutating func accept(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt
}
