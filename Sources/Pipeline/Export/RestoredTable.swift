internal import Archive
internal import Postgres

/// A table of an archive, and where its rows go.
struct RestoredTable: Sendable {
  let archived: ArchivedTable
  /// Where it goes; the schema may be another than the archive's.
  let name: QualifiedName
  /// Whether it was not there, so that it is made, with constraints and indexes behind the rows.
  let isNew: Bool

  /// Makes the table without constraints and defaults.
  var creation: String {
    let columns = archived.columns.map { column in
      var text = "\(quotedIdentifier(column.name)) \(column.type)"
      if column.isNotNull { text += " NOT NULL" }
      if column.isGenerated, let expression = column.expression {
        text += " GENERATED ALWAYS AS (\(expression)) STORED"
      }
      if let identity = column.identity { text += " GENERATED \(identity) AS IDENTITY" }
      return text
    }
    return "CREATE TABLE \(name.sql) (\(columns.joined(separator: ", ")))"
  }

  /// What a new table needs besides its rows, each with a name for people; foreign keys left out.
  var definitions: [(title: String, sql: String)] {
    let constraints = archived.constraints.filter { $0.references == nil }.map { constraint in
      ("constraint \(constraint.name)", adding(constraint.name, constraint.definition))
    }
    let indexes = archived.indexes.map { index in
      (
        "index \(index.name)",
        "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(quotedIdentifier(index.name)) "
          + "ON \(name.sql) \(index.definition)"
      )
    }
    let defaults = archived.columns.filter { !$0.isGenerated && $0.expression != nil }.map {
      column in
      (
        "default of \(archived.title).\(column.name)",
        "ALTER TABLE \(name.sql) ALTER \(quotedIdentifier(column.name)) "
          + "SET DEFAULT \(column.expression ?? "NULL")"
      )
    }
    let identities = archived.columns.filter { $0.identity != nil }.map { column in
      let quoted = quotedIdentifier(column.name)
      return (
        "identity of \(archived.title).\(column.name)",
        "SELECT setval(pg_get_serial_sequence(\(quotedLiteral(name.sql)), "
          + "\(quotedLiteral(column.name))), max(\(quoted))) FROM \(name.sql) "
          + "HAVING max(\(quoted)) IS NOT NULL"
      )
    }
    return constraints + indexes + defaults + identities
  }

  /// The foreign keys, which need the rows of all tables; those to tables of the archive follow them to a new
  /// schema.
  func foreignKeys(among tables: [RestoredTable]) -> [(title: String, sql: String)] {
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

  /// The statement that takes rows in COPY's text format.
  var copy: String {
    let columns = archived.columns.filter { !$0.isGenerated }.map { quotedIdentifier($0.name) }
    // A list of no columns cannot be written; without a list it is all that can be.
    let list = columns.isEmpty ? "" : " (\(columns.joined(separator: ", ")))"
    return "COPY \(name.sql)\(list) FROM STDIN"
  }
}
