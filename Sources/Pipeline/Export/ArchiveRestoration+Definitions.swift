internal import Archive
internal import Postgres

/// What tables need besides their rows.
extension ArchiveRestoration {
  /// Makes what the new tables need besides their rows, foreign keys left out, and lets the sequences of all
  /// others go on behind the new rows.
  ///
  /// - Returns: what the server would not make.
  func define(
    _ tables: [RestoredTable], _ target: ConnectionTarget, _ control: borrowing PostgresConnection
  ) async throws -> [String] {
    let unmade = Guarded<[String]>([])
    let adoptions = Guarded<[Int: [RestoredTable.Definition]]>([:])
    // Those of the largest table first, so that none of them is left to be built alone.
    let builds = tables.enumerated().filter(\.element.isMade)
      .sorted { $0.element.archived.rows > $1.element.archived.rows }
      .flatMap { number, table in table.indexBuilds.map { (table: number, build: $0) } }
    try await onConnections(builds.count, target) { connection, number in
      let (table, build) = builds[number]
      if let problem = try make(build.definition, connection) {
        unmade.update { $0.append(problem) }
      } else if let adoption = build.adoption {
        adoptions.update { $0[table, default: []].append(adoption) }
      }
    }
    let new = tables.indices.filter { tables[$0].isMade }
    let adopted = adoptions.current
    // Each of these has a table for itself: two on one table would wait for each other.
    try await onConnections(new.count, target) { connection, number in
      let table = new[number]
      for definition in adopted[table, default: []] + tables[table].definitions {
        if let problem = try make(definition, connection) { unmade.update { $0.append(problem) } }
      }
    }
    for table in tables where !table.isMade {
      for column in try table.sequenceColumns(control) {
        let advance = (
          title: "sequence of \(table.name.title).\(column)", sql: table.advancing(column)
        )
        if let problem = try make(advance, control) { unmade.update { $0.append(problem) } }
      }
    }
    return unmade.current
  }

  /// Makes one thing, in a transaction of its own.
  ///
  /// - Returns: the server's reason where it would not.
  func make(
    _ definition: RestoredTable.Definition, _ connection: borrowing PostgresConnection
  ) throws -> String? {
    try connection.execute(RestoreScope.begin(serverVersion: connection.serverVersion))
    do {
      try connection.execute(definition.sql)
    } catch {
      guard error.sqlState != nil, stop.received == nil else { throw error }
      try connection.execute("ROLLBACK")
      return "\(definition.title): \(error.summary)"
    }
    try connection.execute("COMMIT")
    return nil
  }
}

extension RestoredTable {
  /// The columns that take their values from a sequence of their own.
  fileprivate func sequenceColumns(
    _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> [String] {
    try control.query(
      """
      SELECT attname FROM pg_catalog.pg_attribute
      WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
        AND pg_catalog.pg_get_serial_sequence($1, attname) IS NOT NULL
      """, [name.sql]
    ).rows.map { $0.text(0) }.filter { name in archived.columns.contains { $0.name == name } }
  }
}
