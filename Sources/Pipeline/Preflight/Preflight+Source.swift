internal import Postgres

/// What can be said of the database a load reads its records from, before the first row is read.
extension Preflight {
  /// Looks at the database of a source as a run would begin to read it, and reads no row.
  ///
  /// - Throws: ``RunError`` when the local server cannot be started or the password command fails,
  ///   `PostgresError` when the server cannot be asked.
  static func look(
    at source: SourcePlan, _ spec: PipelineSpec
  ) async throws -> [Check] {
    let target = try await source.database.connectionTarget(startingLocal: true)
    let connection: PostgresConnection
    do throws(PostgresError) {
      connection = try PostgresConnection(target, applicationName: "convoy doctor")
    } catch {
      guard error.reason == .connect else { throw error }
      return [unreachable(target, error).named("source")]
    }
    let found = try Preflight(source: source, connection, target)
    guard !found.isRefused else { return found.checks }
    return found.checks + tables(of: source, spec, connection, target)
  }

  /// Looks at the connection to a source and the role it is made as, as a run does before it looks at the tables.
  init(
    source: SourcePlan, _ connection: borrowing PostgresConnection, _ target: ConnectionTarget
  ) throws(PostgresError) {
    checks = [Self.reached(source.database.description).named("source")]
    let pooler = try PoolerKind(connection, target)
    checks.append(Self.pooler(pooler).named("source-pooler"))
    guard pooler != .statement else { return }
    let facts = try ServerFacts(connection)
    checks.append(
      Self.tls(connection.peer, isServerEncrypted: facts.isTrue("backend_ssl"), pooler)
        .named("source-tls"))
    checks.append(Self.role(facts).named("source-role"))
    checks.append(
      Check(
        "source-server", .ok,
        "PostgreSQL \(facts.text("version")), \(facts.isTrue("in_recovery") ? "a standby" : "a primary")"
          + ", only read"))
  }

  /// Whether every table can be read whole, at one moment and over several connections, and fits the disk.
  private static func tables(
    of source: SourcePlan, _ spec: PipelineSpec, _ connection: borrowing PostgresConnection,
    _ target: ConnectionTarget
  ) -> [Check] {
    do {
      let source = try source.withTablesThere(connection)
      let snapshot = try ExportSnapshot(
        target, locking: source.tables, for: .source, stop: StopSignal())
      let tables = try ExportCatalogue(source.tables, for: .source, snapshot.connection).tables
      if source.format == .conversationsTable, let first = tables.first {
        let table = try LegacyTable(first, spec)
        _ = try snapshot.connection.query(table.sample)
      }
      // Whether others can join the moment is known only by one that does.
      let other = try ExportSnapshot.join(snapshot.name, target, for: .source, number: 1)
      try other.execute("COMMIT")
      let rows = try estimatedRows(of: tables, snapshot.connection)
      try snapshot.connection.execute("COMMIT")
      let bytes = tables.reduce(0) { $0 + $1.bytes }
      let size = "\(Quantity.counted(tables.count, "table")) of \(Quantity.bytes(Double(bytes)))"
      let count = rows.map { "about \(Quantity.counted($0, "row"))" } ?? "rows were never counted"
      let names = source.tables.map(\.title).joined(separator: ", ")
      let others = source.passedOver.map { "; \($0.table.title) is passed over: \($0.reason)" }
      return [
        Check(
          "source-tables", others.isEmpty ? .ok : .warning,
          "\(size), \(count), can be read whole: \(names)" + others.joined(),
          advice: others.isEmpty ? nil : "its rows stay where they are; see that this is so"),
        room(for: bytes, of: "the rows of the tables", spec).named("source-room"),
      ]
    } catch let error as RunError {
      return [Check("source-tables", .refused, error.message, advice: error.hint ?? tablesAdvice)]
    } catch {
      let failure = error as? PostgresError
      return [
        Check(
          "source-tables", .refused, failure?.summary ?? "\(error)",
          advice: failure?.sqlState == .insufficientPrivilege
            ? "grant the role USAGE on the schema, and SELECT on the tables it reads"
            : tablesAdvice)
      ]
    }
  }

  private static let tablesAdvice = "source.database and source.tables name what is read"

  /// Rows as the server last counted them; nil where it has not.
  private static func estimatedRows(
    of tables: [ExportedTable], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Int? {
    let heaps = tables.flatMap(\.heaps).map { "(\(quotedLiteral($0.name.sql)))" }
    let answer = try connection.query(
      """
      SELECT CASE WHEN min(c.reltuples) >= 0 THEN sum(c.reltuples)::bigint END
      FROM (VALUES \(heaps.joined(separator: ", "))) h (name)
      JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(h.name)
      """
    ).first
    return answer?[0] == nil ? nil : answer?.integer(0)
  }

  /// Whether what is spilled between reading and loading fits where the report goes.
  static func room(for bytes: Int, of what: String, _ spec: PipelineSpec) -> Check {
    do throws(RunError) {
      let place = SpillPlace(directory: spec.report.directory) {}
      let free = try place.requireRoom(for: bytes, of: what)
      return Check(
        "room", .ok,
        "\(Quantity.bytes(Double(free))) free where the report goes, and \(what) take "
          + "\(Quantity.bytes(Double(bytes))) of them")
    } catch {
      return Check("room", .refused, error.message, advice: error.hint)
    }
  }
}
