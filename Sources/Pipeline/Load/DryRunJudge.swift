internal import Postgres
internal import Synchronization

/// Judges batches as the target would, one after the other: the load's own merge and row isolation, into
/// temporary tables that have all the target's tables have.
///
/// One transaction on one connection sees every worker's batches, so a row that comes twice is judged and
/// counted as the load will do it; it is rolled back when the run ends, however that is.
final class DryRunJudge: Sendable {
  /// What a worker may find out by itself; nil where only this can tell.
  let merge: MergeStatements
  /// Whether messages that were judged are asked for again, because a later source may say the same.
  private let keepsRows: Bool
  /// Guards the connection, which one thread may use at a time.
  private let state: Mutex<State>

  private struct State: ~Copyable {
    let connection: PostgresConnection
    /// Triggers of the target's own that are asked.
    var triggers: [(table: JudgedTable, trigger: JudgedTrigger)]
    var unasked: [String]
    /// Whether ids that were settled can be looked up.
    var isIndexed = false
  }

  /// Makes the tables.
  ///
  /// - Throws: `PostgresError`, as for a role that may not make temporary tables.
  init(
    _ connection: consuming sending PostgresConnection, judging load: MergeStatements,
    in scope: TransactionScope, keepingRows: Bool
  ) throws(PostgresError) {
    keepsRows = keepingRows
    try connection.execute(scope.begin)
    let tables = try JudgedTables(connection)
    merge = load.judging(tables)
    try tables.make(connection)
    for table in [tables.sessions, tables.messages] {
      for statement in table.indexing { try connection.execute(statement) }
    }
    var unasked = tables.sessions.unasked + tables.messages.unasked
    var asked: [(table: JudgedTable, trigger: JudgedTrigger)] = []
    for table in [tables.sessions, tables.messages] {
      for statement in table.guarding { try connection.execute(statement) }
      for trigger in table.triggers {
        if try Self.make(trigger, connection) {
          asked.append((table, trigger))
          if trigger.looksElsewhere {
            unasked.append(
              "trigger \(trigger.name) of \(table.name) looks at a table by its schema and name: "
                + "it sees what the target has, not what this run would have added")
          }
        } else {
          unasked.append(
            "trigger \(trigger.name) of \(table.name): this role may not use its function")
          if trigger.comesBeforeInsert { try connection.execute(table.relaxing) }
        }
      }
    }
    try connection.execute(
      """
      CREATE TEMPORARY TABLE convoy_settled_ids ON COMMIT DROP AS
        SELECT id FROM \(tables.messages.qualified) WITH NO DATA;
      \(MergeStatements.makeCopies)
      \(merge.makeStages)
      """)
    state = Mutex(State(connection: connection, triggers: asked, unasked: unasked))
  }

  /// What of the target was not asked, each for a person.
  var unasked: [String] { state.withLock { $0.unasked } }

  private static func make(
    _ trigger: JudgedTrigger, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Bool {
    try connection.execute("SAVEPOINT making")
    do throws(PostgresError) {
      try connection.execute("\(trigger.making); RELEASE SAVEPOINT making")
      return true
    } catch {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      try connection.execute("ROLLBACK TO SAVEPOINT making; RELEASE SAVEPOINT making")
      return false
    }
  }

  /// Judges a batch in all respects.
  ///
  /// - Throws: `PostgresError`, ``RowConflict``.
  func judge(_ batch: RowBatch) throws -> BatchReceipt {
    try state.withLock { state in
      try prepareLookup(&state)
      let receipt = try judge(batch, asking: &state)
      if merge.judged?.areSimple == true, !keepsRows { try settle(state.connection) }
      return receipt
    }
  }

  /// Judges a batch by all triggers that do nothing but look at rows.
  private func judge(_ batch: RowBatch, asking state: inout State) throws -> BatchReceipt {
    while true {
      do {
        return try judge(batch, on: state.connection)
      } catch let error as PostgresError where Self.isOfTrigger(error) && !state.triggers.isEmpty {
        try state.connection.execute("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows")
        // Which of several it is, is found by doing without one; if that is not enough, without one more.
        for index in state.triggers.indices {
          if let receipt = try judge(batch, without: index, &state, error) { return receipt }
        }
        try state.connection.execute(Self.turningOff(state.triggers[0]))
        Self.note(state.triggers.removeFirst(), error, in: &state)
      }
    }
  }

  /// Judges a batch without one of the triggers, which stays off; nil, and all as before, if another one
  /// fails too.
  private func judge(
    _ batch: RowBatch, without index: Int, _ state: inout State, _ reason: PostgresError
  ) throws -> BatchReceipt? {
    try state.connection.execute("SAVEPOINT trial; \(Self.turningOff(state.triggers[index]))")
    do {
      let receipt = try judge(batch, on: state.connection)
      try state.connection.execute("RELEASE SAVEPOINT trial")
      Self.note(state.triggers.remove(at: index), reason, in: &state)
      return receipt
    } catch let error as PostgresError where Self.isOfTrigger(error) {
      try state.connection.execute("ROLLBACK TO SAVEPOINT trial; RELEASE SAVEPOINT trial")
      return nil
    }
  }

  /// Whether it is not the data that made a trigger fail, as when it writes to a table of the target.
  private static func isOfTrigger(_ error: PostgresError) -> Bool {
    error.sqlState != nil && !RetryPolicy.isTransient(error)
  }

  private static func turningOff(
    _ asked: (table: JudgedTable, trigger: JudgedTrigger)
  ) -> String {
    """
    ALTER TABLE \(asked.table.qualified) DISABLE TRIGGER \(asked.trigger.name);
    \(asked.trigger.comesBeforeInsert ? asked.table.relaxing : "")
    """
  }

  private static func note(
    _ left: (table: JudgedTable, trigger: JudgedTrigger), _ reason: PostgresError,
    in state: inout State
  ) {
    state.unasked.append(
      "trigger \(left.trigger.name) of \(left.table.name) is not asked: "
        + "it does more than look at rows (\(reason.summary))")
  }

  private func judge(
    _ batch: RowBatch, on connection: borrowing PostgresConnection
  ) throws -> BatchReceipt {
    let merge = merge.merging(batch)
    let parts = merge.parts(batch, batch.whole)
    try connection.execute(
      """
      TRUNCATE \(merge.sessionStage), \(merge.messageStage); SAVEPOINT rows;
      \(merge.judged?.keepingOut ?? "")
      """)
    var receipt: BatchReceipt
    do {
      receipt = try merge.run(batch, parts[0], connection)
      for part in parts.dropFirst() {
        try connection.execute(
          "DELETE FROM \(merge.sessionStage); DELETE FROM \(merge.messageStage)")
        receipt.add(try merge.run(batch, part, connection))
      }
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
      let isolation = RowIsolation(merge: merge)
      receipt = try isolation.load(batch, parts[0], connection)
      for part in parts.dropFirst() {
        receipt.add(try isolation.load(batch, part, connection))
      }
    }
    try connection.execute("RELEASE SAVEPOINT rows")
    return receipt
  }

  /// Keeps of messages that were judged only their ids, where nothing of theirs is asked for again.
  private func settle(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    try connection.execute(
      """
      INSERT INTO \(JudgedTables.settledIds) SELECT id FROM \(merge.messageTable) WHERE convoy_is_new;
      TRUNCATE \(merge.messageTable)
      """)
  }

  private func prepareLookup(_ state: inout State) throws(PostgresError) {
    guard !state.isIndexed else { return }
    try state.connection.execute(
      "CREATE INDEX convoy_settled_ids_id ON \(JudgedTables.settledIds) (id)")
    state.isIndexed = true
  }
}

extension DryRunJudge {
  /// Notes a batch all of whose rows a worker has found to be good and new to the target.
  ///
  /// - Returns: false if some of its sessions were in the run before: then only ``judge(_:)`` can tell.
  func register(_ batch: RowBatch) throws -> Bool {
    let ids = batch.messages.ids(as: merge.messages.column(.id)?.kind ?? .uuid)
    return try state.withLock { state in
      try state.connection.execute("SAVEPOINT rows; \(JudgedTable.pausing)")
      do {
        try state.connection.send(
          batch.sessions,
          by: "COPY \(merge.sessionTable) (\(merge.sessions.columnList)) "
            + "FROM STDIN (FORMAT binary)")
        try state.connection.copyIn("COPY \(JudgedTables.settledIds) FROM STDIN (FORMAT binary)") {
          try $0.write(ids.span)
        }
      } catch let error as PostgresError where error.isDataError {
        try state.connection.execute("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows")
        return false
      }
      try state.connection.execute("RELEASE SAVEPOINT rows; \(JudgedTable.resuming)")
      return true
    }
  }
}

extension RowBuffer {
  /// The rows' ids alone, encoded for COPY … (FORMAT binary).
  func ids(as kind: ColumnKind) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows.count * 22 + 32)
    bytes += BinaryCopy.header
    for row in rows {
      bytes.append(bigEndian: Int16(1))
      bytes.append(id: row.id, kind: kind)
    }
    return bytes + BinaryCopy.trailer
  }
}
