internal import Postgres

/// The legacy table `conversations` as a database has it: what is selected of it, and by what its rows become
/// sessions.
struct LegacyTable: Sendable {
  /// Values that come before the columns in a row: the session's name and the member that gave it, the user, the
  /// time, the id, the place, and whether there is an embedding.
  static let leadingValues = 7

  /// A column, and how its values become JSON.
  struct Column: Sendable {
    /// The name as a member's, with its colon.
    let key: [UInt8]
    let form: ValueForm
    /// Whether the value is JSON as it is.
    var isJSON = false
    /// Whether it is the embedding, as its type's send function gives it or as text.
    var embedding: EmbeddingForm?
    fileprivate let selected: String
  }

  let columns: [Column]
  private let name: QualifiedName
  private let time: String
  private let names: [String]
  private let embedding: String?
  private let idleGapSeconds: Int

  /// Looks at the columns.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - plan: says how long a user's rows may be apart in a session, the zone of times written without one, and
  ///     whether embeddings are read.
  /// - Throws: ``RunError`` for a table that is another one.
  init(_ table: ExportedTable, _ plan: PipelineSpec) throws(RunError) {
    name = QualifiedName(table)
    idleGapSeconds = plan.source.idleGapSeconds
    let zone = plan.transform.timeZone[.conversationsTable]
    let found = Dictionary(table.columns.map { ($0.name, $0) }) { first, _ in first }
    let missing = ConversationsTable.neededColumns.filter { found[$0] == nil }
    guard missing.isEmpty else {
      throw RunError(
        .failed,
        "source: table \(table.title) has no column \(missing.joined(separator: ", "))",
        hint: "conversations-table is the first conversations table, one row a message")
    }
    guard let id = found["id"], [.int16, .int32, .int64].contains(id.form) else {
      throw RunError(
        .failed, "source: \(table.title).id is \(found["id"]?.type ?? ""), not a whole number")
    }
    switch found["created_at"]?.form {
    case .timestamptz: time = "convoy_row.created_at"
    case .timestamp: time = "(convoy_row.created_at AT TIME ZONE \(quotedLiteral(zone)))"
    default:
      throw RunError(
        .failed,
        "source: \(table.title).created_at is \(found["created_at"]?.type ?? ""), not a time")
    }
    names = found["meta"].map(Self.names) ?? []
    embedding = found["embedding"].map { _ in "convoy_row.embedding" }
    columns = table.columns.compactMap { Column($0, plan.transform.embeddings) }
  }

  /// Expressions of the row's names for its session, in the order in which they count; none where `meta` is not
  /// JSON.
  private static func names(in meta: ExportedColumn) -> [String] {
    let family: String
    switch (meta.form, meta.type) {
    case (.jsonb, _): family = "jsonb"
    case (_, "json"): family = "json"
    default: return []
    }
    return TableRow.nameFields.map { field in
      """
      CASE \(family)_typeof(convoy_row.meta -> '\(field)') WHEN 'string' THEN
        CASE WHEN btrim(convoy_row.meta ->> '\(field)') <> '' THEN convoy_row.meta ->> '\(field)' END
        WHEN 'number' THEN convoy_row.meta ->> '\(field)' END
      """
    }
  }

  /// What the session is called, or NULL.
  private var sessionName: String {
    names.isEmpty ? "NULL::text" : "coalesce(\(names.joined(separator: ", ")))"
  }

  /// Selects no row, and so tells only whether all of that can be selected.
  var sample: String { "SELECT \(selection) FROM \(name.sql) AS convoy_row LIMIT 0" }

  private static let user = "coalesce(convoy_row.user_id::text, '')"

  /// What is selected of each row.
  var selection: String {
    let cases = names.enumerated().map { "WHEN \($1) IS NOT NULL THEN \($0)" }
    let member =
      names.isEmpty ? "NULL::int2" : "(CASE \(cases.joined(separator: " ")) END)::int2"
    let leading = [
      sessionName, member, Self.user, time, "convoy_row.id::int8", "convoy_row.ctid",
      embedding.map { "\($0) IS NOT NULL" } ?? "false",
    ]
    return (leading + columns.map(\.selected)).joined(separator: ", ")
  }

  /// Gives user and time of each row that begins a session by its time alone.
  ///
  /// The window goes over two small columns; texts and embeddings are not sorted.
  var copyStarts: String {
    """
    COPY (SELECT user_id, created_at FROM (
      SELECT user_id, created_at,
        lag(created_at) OVER (PARTITION BY user_id ORDER BY created_at) AS before
      FROM (SELECT \(Self.user) AS user_id, \(time) AS created_at FROM \(name.sql) AS convoy_row
        WHERE \(sessionName) IS NULL AND isfinite(convoy_row.created_at)) AS unnamed
    ) AS ordered
    WHERE before IS NULL OR created_at - before > interval '\(idleGapSeconds) seconds'
    ) TO STDOUT (FORMAT binary)
    """
  }

  /// Asks how many bytes the embeddings take, as they are stored.
  var embeddingBytes: String {
    let size = embedding.map { "coalesce(sum(pg_column_size(\($0))), 0)" } ?? "0"
    return "SELECT \(size) FROM \(name.sql) AS convoy_row"
  }
}

/// How an embedding is read.
enum EmbeddingForm: Sendable {
  /// The numbers of pgvector's type `vector`: how many there are in two bytes, two bytes of zeros, and each in
  /// four (pgvector, `vector_send`).
  case vector
  /// Text such as `[0.1,0.2]`, whatever its column's type.
  case text
}

extension LegacyTable.Column {
  /// Nil of a column that is not read.
  fileprivate init?(_ column: ExportedColumn, _ embeddings: EmbeddingPolicy) {
    let name = "convoy_row.\(quotedIdentifier(column.name))"
    key = column.archived.jsonKey
    if column.name == "embedding" {
      guard embeddings != .drop else { return nil }
      form = .text
      embedding = column.isVector ? .vector : .text
      selected = embedding == .vector ? name : "\(name)::text"
      return
    }
    form = column.form
    isJSON = column.type == "json"
    selected = column.form == .cast ? "\(name)::text" : name
  }
}

extension ExportedColumn {
  /// Whether it is of pgvector's type `vector`, in whichever schema that is.
  fileprivate var isVector: Bool {
    let name = type.prefix { $0 != "(" }.split(separator: ".").last
    return form == .cast && name == "vector"
  }
}
