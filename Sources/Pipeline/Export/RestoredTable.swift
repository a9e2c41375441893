internal import Archive
internal import Postgres

/// A table of an archive, and where its rows go.
struct RestoredTable: Sendable {
  /// How rows get into it.
  enum Way: Sendable {
    /// It is not there: it is made, with constraints and indexes behind the rows.
    case made
    /// It is there and empty.
    case filled
    /// It is there, and rows of the same primary key meet; the key's columns.
    case merged(by: [String])
  }

  let rows: TableSelection
  /// Where it goes; the schema may be another than the archive's.
  let name: QualifiedName
  let way: Way

  var archived: ArchivedTable { rows.table }

  var isMade: Bool { if case .made = way { true } else { false } }

  var isMerged: Bool { if case .merged = way { true } else { false } }

  /// The columns that can be written, in quotes.
  var writtenColumns: [String] {
    archived.columns.filter { !$0.isGenerated }.map { quotedIdentifier($0.name) }
  }

  /// The statement that takes rows into a relation, in COPY's binary or text format.
  func copy(into relation: String, isBinary: Bool) -> String {
    let columns = writtenColumns
    // A list of no columns cannot be written; without a list it is all that can be.
    let list = columns.isEmpty ? "" : " (\(columns.joined(separator: ", ")))"
    return "COPY \(relation)\(list) FROM STDIN" + (isBinary ? " (FORMAT binary)" : "")
  }
}

/// The definition of a table that is made.
extension RestoredTable {
  /// Makes the table without constraints and defaults, and its partitions.
  ///
  /// - Parameter schema: replaces the archive's for partitions too; nil leaves each in its own.
  /// - Returns: the statements, in order.
  func creation(schema: String?) -> [String] {
    let columns = archived.columns.map { column in
      var text = "\(quotedIdentifier(column.name)) \(column.type)"
      if column.isNotNull { text += " NOT NULL" }
      if column.isGenerated, let expression = column.expression {
        text += " GENERATED ALWAYS AS (\(expression)) STORED"
      }
      if let identity = column.identity { text += " GENERATED \(identity) AS IDENTITY" }
      return text
    }
    func cut(_ key: String?) -> String { key.map { " PARTITION BY \($0)" } ?? "" }
    let table =
      "CREATE TABLE \(name.sql) (\(columns.joined(separator: ", ")))"
      + cut(archived.partitioning?.key)
    let partitions = archived.partitioning?.partitions ?? []
    return [table]
      + partitions.map { partition in
        let own = QualifiedName(schema: schema ?? partition.schema, name: partition.name)
        let parent = QualifiedName(
          schema: schema ?? partition.parentSchema, name: partition.parentName)
        return "CREATE TABLE \(own.sql) PARTITION OF \(parent.sql) \(partition.bounds)"
          + cut(partition.key)
      }
  }

  /// The schemas it needs.
  var schemas: [String] {
    [name.schema] + (archived.partitioning?.partitions.map(\.schema) ?? [])
  }

  /// Something that is made by a statement, with a name for people.
  typealias Definition = (title: String, sql: String)

  /// An index, which lets others of its table be built at the same time.
  struct IndexBuild: Sendable {
    let definition: Definition
    /// Makes a constraint of the index, without a look at the rows; nil for one that is only an index.
    var adoption: Definition?
  }

  /// The indexes of a new table, those of keys included where a key can take its index over.
  var indexBuilds: [IndexBuild] {
    let keys = archived.constraints.compactMap { constraint in
      key(constraint).map { kind, columns in
        let (title, index) = (title(of: constraint), quotedIdentifier(constraint.name))
        return IndexBuild(
          definition: (title, "CREATE UNIQUE INDEX \(index) ON \(name.sql) \(columns)"),
          adoption: (title, adding(constraint.name, "\(kind) USING INDEX \(index)")))
      }
    }
    let others = archived.indexes.map { index in
      IndexBuild(
        definition: (
          "index \(index.name)",
          "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(quotedIdentifier(index.name)) "
            + "ON \(name.sql) \(index.definition)"
        ))
    }
    return keys + others
  }

  /// Kind and columns of a constraint that can take over an index made before: only the plainest, whose
  /// definition is a list of columns and nothing else.
  ///
  /// A partitioned table's cannot (PostgreSQL documentation, ALTER TABLE, ADD
  /// table_constraint_using_index).
  private func key(_ constraint: ArchivedConstraint) -> (kind: String, columns: String)? {
    guard archived.partitioning == nil else { return nil }
    for kind in ["PRIMARY KEY", "UNIQUE"] where constraint.definition.hasPrefix("\(kind) (") {
      let columns = constraint.definition.dropFirst(kind.count + 1)
      guard columns.firstIndex(of: ")") == columns.indices.last,
        !columns.hasSuffix(" WITHOUT OVERLAPS)")
      else { return nil }
      return (kind, String(columns))
    }
    return nil
  }

  private func title(of constraint: ArchivedConstraint) -> String {
    "constraint \(constraint.name)"
  }

  /// What a new table needs besides its rows and ``indexBuilds``; foreign keys left out.
  var definitions: [Definition] {
    let constraints = archived.constraints.filter { $0.references == nil && key($0) == nil }.map {
      constraint in
      (title(of: constraint), adding(constraint.name, constraint.definition))
    }
    let defaults = archived.columns.filter { !$0.isGenerated && $0.expression != nil }.map {
      column in
      ("default of \(archived.title).\(column.name)", settingDefault(of: column))
    }
    let identities = archived.columns.filter { $0.identity != nil }.map { column in
      ("identity of \(archived.title).\(column.name)", advancing(column.name))
    }
    return constraints + defaults + identities
  }

  /// The default, with the sequence it takes its values from where that is the column's own.
  private func settingDefault(of column: ArchivedColumn) -> String {
    let quoted = quotedIdentifier(column.name)
    func set(_ expression: String) -> String {
      "ALTER TABLE \(name.sql) ALTER \(quoted) SET DEFAULT \(expression)"
    }
    guard let own = column.sequence else { return set(column.expression ?? "NULL") }
    let sequence = QualifiedName(schema: name.schema, name: own).sql
    return """
      CREATE SEQUENCE \(sequence) AS \(column.type) OWNED BY \(name.sql).\(quoted);
      \(set("nextval(\(quotedLiteral(sequence))::regclass)"));
      \(advancing(column.name))
      """
  }

  /// Lets the sequence of a column go on behind the greatest value that is there; never back.
  func advancing(_ column: String) -> String {
    """
    SELECT setval(s.name, m.greatest)
    FROM pg_get_serial_sequence(\(quotedLiteral(name.sql)), \(quotedLiteral(column))) s (name),
      (SELECT max(\(quotedIdentifier(column))) FROM \(name.sql)) m (greatest)
    WHERE m.greatest > coalesce(pg_sequence_last_value(s.name::regclass), m.greatest - 1)
    """
  }

  /// The foreign keys, which need the rows of all tables; those to tables of the archive follow them to a new
  /// schema.
  func foreignKeys(among tables: [RestoredTable]) -> [Definition] {
    archived.constraints.compactMap { constraint in
      guard let references = constraint.references else { return nil }
      var definition = constraint.definition
      if let other = tables.first(where: { $0.archived.sqlName == references }) {
        definition = definition.replacing(
          " REFERENCES \(references)(", with: " REFERENCES \(other.name.sql)(", maxReplacements: 1)
      }
      return ("foreign key \(constraint.name)", adding(constraint.name, definition))
    }
  }

  private func adding(_ constraint: String, _ definition: String) -> String {
    "ALTER TABLE \(name.sql) ADD CONSTRAINT \(quotedIdentifier(constraint)) \(definition)"
  }
}
