internal import Postgres

/// A table's name with its schema.
struct QualifiedName: Sendable, Hashable {
  let schema: String
  let name: String

  init(schema: String, name: String) {
    self.schema = schema
    self.name = name
  }

  /// Reads `table` or `schema.table`; schema `public` need not be written.
  init(_ text: String) {
    let parts = text.split(separator: ".", maxSplits: 1)
    schema = parts.count == 2 ? String(parts[0]) : "public"
    name = parts.last.map(String.init) ?? text
  }

  init(_ table: ExportedTable) { self.init(schema: table.schema, name: table.name) }

  /// Both in quotes.
  var sql: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }

  /// For people.
  var title: String { schema == "public" ? name : "\(schema).\(name)" }
}
