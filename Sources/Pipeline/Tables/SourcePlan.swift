internal import Crypto

/// The database a run reads its records from, chosen; nothing has been connected to yet.
struct SourcePlan: Sendable {
  let database: TargetChoice
  var tables: [QualifiedName]
  /// Whether only those of the tables are read that there are.
  var areTablesOptional = false
  /// Tables of a name that is read, whose columns are other ones, with those they lack.
  var passedOver: [(table: QualifiedName, reason: String)] = []
  let format: SourceFormat
  /// Ranges of the tables that are read at a time.
  let connections: Int

  /// Finds the database of a pipeline; nil where it names none.
  ///
  /// - Throws: ``RunError`` for a format whose records are in no table; `PostgresError` for a database that
  ///   cannot be read.
  static func resolve(
    _ spec: PipelineSpec, connections: Int, of file: String, environment: [String: String]
  ) throws -> SourcePlan? {
    guard let database = spec.source.database, case .one(let format) = spec.source.format else {
      guard spec.source.format != .one(.conversationsTable) else {
        throw RunError(
          .badPipeline, "\(file): source.database: conversations-table is read from a database",
          hint: "name it: --set source.database=service=NAME, a postgresql:// URL or local")
      }
      return nil
    }
    guard !format.tableNames.isEmpty else {
      throw RunError(
        .badPipeline, "\(file): source.database: \(format.rawValue) is read from files",
        hint: "source.inputs names them")
    }
    let isGiven = !spec.source.tables.isEmpty
    let own = format.tableNames(withFiles: spec.attach.turns != .off)
    let named = isGiven ? spec.source.tables : own
    guard named.count <= format.tableNames.count else {
      throw RunError(
        .badPipeline,
        "\(file): source.tables: \(format.rawValue) is read from "
          + "\(format.tableNames.count == 1 ? "one table" : "\(format.tableNames.count) tables")")
    }
    return SourcePlan(
      database: try TargetChoice.resolve(
        database.connectionText, passwordCommand: spec.source.passwordCommand,
        environment: environment),
      tables: named.map { QualifiedName($0) },
      areTablesOptional: !isGiven && format.tableNames.count > 1, format: format,
      connections: connections)
  }

  /// The tables as inputs of the run, of which nothing is known yet.
  var inputs: [PlannedInput] {
    tables.enumerated().map { index, table in
      var input = PlannedInput(
        index: Int32(index), path: table.title, dialect: format, name: table.title, size: nil)
      input.isTable = true
      // Without what only says how the database was named.
      input.identity = "\(database.serverAndDatabase) \(table.sql)"
      return input
    }
  }
}
