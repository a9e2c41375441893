/// A column of the built-in schema: what makes it, and what the catalogue says of it afterwards.
struct BaselineColumn: Sendable {
  enum ColumnType: Sendable {
    case uuid, text, jsonb, integer, timestamptz
    case numeric(precision: Int, scale: Int)
  }

  /// What an insert that leaves the column out stores.
  enum DefaultValue: Sendable {
    case null, randomId, now, zero, emptyObject
  }

  let name: String
  let type: ColumnType
  var isPrimaryKey = false
  var isNotNull = false
  var defaultValue = DefaultValue.null
  /// Further constraints, as SQL.
  var constraint = ""

  /// The column's definition in `CREATE TABLE` and `ADD COLUMN`.
  var definition: String {
    let parts = [
      name, type.sql, isPrimaryKey ? "PRIMARY KEY" : "", constraint, isNotNull ? "NOT NULL" : "",
      defaultValue.sql,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension BaselineColumn.ColumnType {
  fileprivate var sql: String {
    switch self {
    case .uuid: "uuid"
    case .text: "text"
    case .jsonb: "jsonb"
    case .integer: "integer"
    case .timestamptz: "timestamptz"
    case .numeric(let precision, let scale): "numeric(\(precision),\(scale))"
    }
  }

  /// `typname` and `atttypmod`.
  var catalogued: (type: String, modifier: Int) {
    switch self {
    case .integer: ("int4", -1)
    // precision << 16 | scale, plus the four of a varlena header.
    case .numeric(let precision, let scale): ("numeric", precision << 16 | scale + 4)
    default: (sql, -1)
    }
  }
}

extension BaselineColumn.DefaultValue {
  fileprivate var sql: String {
    switch self {
    case .null: ""
    case .randomId: "DEFAULT gen_random_uuid()"
    case .now: "DEFAULT now()"
    case .zero: "DEFAULT 0"
    case .emptyObject: "DEFAULT '{}'"
    }
  }
}
