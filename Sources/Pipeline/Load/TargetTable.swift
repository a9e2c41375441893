internal import Postgres

/// One column of the live target.
struct TargetColumn: Sendable {
  let name: String
  let type: String
  let modifier: Int
  let isNotNull: Bool
  let hasDefault: Bool
  /// Generated and identity-always columns, which no COPY may name.
  let isComputed: Bool
  /// What an insert that leaves the column out would store, in binary; nil is NULL.
  let defaultValue: [UInt8]?
  /// The same as text.
  let defaultText: String?

  var kind: ColumnKind? { ColumnKind(type: type, modifier: modifier) }
}

/// A table as the live target's catalogue has it.
struct TargetTable: Sendable {
  let name: String
  let columns: [TargetColumn]
  /// Whether a trigger may change a row before its constraints are looked at.
  let hasInsertTrigger: Bool

  /// Schema-qualified and quoted, for SQL.
  var qualifiedName: String { "public.\(quotedIdentifier(name))" }

  /// Reads the catalogue; nil if there is no such table in schema `public`.
  ///
  /// `written` names the columns that may be written; only their defaults are evaluated, since another
  /// column's may draw from a sequence. One that is in `defaults` has that value, given as text.
  static func read(
    _ name: String, written: Set<String>, defaults: [String: String] = [:],
    from connection: borrowing PostgresConnection
  ) throws(PostgresError) -> TargetTable? {
    let rows = try connection.query(
      """
      SELECT a.attname, coalesce(b.typname, t.typname), a.atttypmod,
             a.attnotnull OR coalesce(t.typnotnull, false),
             pg_get_expr(d.adbin, d.adrelid), format_type(a.atttypid, a.atttypmod),
             a.attgenerated <> '' OR a.attidentity = 'a', a.attidentity = 'd',
             -- The bits of a row trigger, before, on INSERT (PostgreSQL's pg_trigger.h).
             EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = a.attrelid AND NOT g.tgisinternal
                     AND g.tgenabled IN ('O', 'A') AND g.tgtype & 7 = 7)
      FROM pg_attribute a
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """, ["public.\(quotedIdentifier(name))"])
    guard !rows.rows.isEmpty else { return nil }
    var columns: [TargetColumn] = []
    for row in rows.rows {
      var value: [UInt8]?
      var text: String?
      let isComputed = row.isTrue(6)
      // A generated column's expression is about its own row and has no value by itself.
      if let own = row[4], !isComputed, written.contains(row.text(0)) {
        let expression = defaults[row.text(0)].map(quotedLiteral) ?? own
        // One evaluation for both, so that a time is the same in each.
        let both = try connection.query(
          "SELECT v, v::text FROM (SELECT (\(expression))::\(row.text(5)) AS v) d", format: .binary)
        value = both.first?.values[0]
        text = both.first?[1]
      }
      columns.append(
        TargetColumn(
          name: row.text(0), type: row.text(1), modifier: row.integer(2),
          isNotNull: row.isTrue(3), hasDefault: row[4] != nil || row.isTrue(7),
          isComputed: isComputed, defaultValue: value, defaultText: text))
    }
    return TargetTable(
      name: name, columns: columns, hasInsertTrigger: rows.first?.isTrue(8) == true)
  }
}

/// A field of convoy's, the column it goes to, and how.
struct LayoutColumn<Field: Sendable>: Sendable {
  let field: Field
  let name: String
  let kind: ColumnKind
  let isNotNull: Bool
  /// What stands for a fact the source does not have.
  let absent: [UInt8]?
  /// The same as text.
  let absentText: String?
}

/// Which columns a COPY names, in which order, and what each holds.
struct RowLayout<Field: Sendable & Hashable>: Sendable {
  let table: String
  let columns: [LayoutColumn<Field>]
  /// Names of the table's other columns, which are its own business.
  let unwritten: [String]
  /// Whether a trigger may fill or mend what a row lacks, so that only the table itself can judge it.
  let hasInsertTrigger: Bool

  /// Maps fields onto the columns that are there.
  ///
  /// `known` is each field with the names its column may have, in the order the row is written; without
  /// one of `required` it throws ``RunError`` that names it, before the first row. A column of a field
  /// in `lists` counts only if it takes lists.
  init(
    _ table: TargetTable, known: [(field: Field, names: [String])], required: Set<Field>,
    lists: Set<Field> = []
  ) throws(RunError) {
    var columns: [LayoutColumn<Field>] = []
    for (field, names) in known {
      guard
        let column = names.lazy.compactMap({ name in
          table.columns.first {
            $0.name == name && !$0.isComputed
              && (!lists.contains(field) || $0.kind?.holdsLists == true)
          }
        }).first
      else {
        guard !required.contains(field) else {
          throw RunError(
            .failed, "table \(table.name) has no column \(names.joined(separator: " or "))",
            hint: "convoy schema status shows what is missing, convoy schema apply adds it")
        }
        continue
      }
      guard let kind = column.kind, lists.contains(field) || !kind.isArray else {
        throw RunError(
          .failed,
          "column \(table.name).\(column.name) has type \(column.type), which convoy does not write"
        )
      }
      columns.append(
        LayoutColumn(
          field: field, name: column.name, kind: kind, isNotNull: column.isNotNull,
          absent: column.defaultValue, absentText: column.defaultText))
    }
    let mapped = Set(columns.map(\.name))
    for column in table.columns
    where column.isNotNull && !column.hasDefault && !column.isComputed
      && !mapped.contains(column.name) && !table.hasInsertTrigger
    {
      throw RunError(
        .failed,
        "column \(table.name).\(column.name) must have a value, and no legacy record has one for it",
        hint: "give the column a default, or allow NULL")
    }
    self.table = table.qualifiedName
    hasInsertTrigger = table.hasInsertTrigger
    self.columns = columns
    unwritten = table.columns.map(\.name).filter { !mapped.contains($0) }
  }

  /// Quoted column names, for SQL.
  var columnList: String { columns.map { quotedIdentifier($0.name) }.joined(separator: ", ") }

  /// Column names in the order of a table's rows for people: ids first, long values last.
  var columnNames: [String] {
    columns.map(\.name).sorted { left, right in
      let order = ["id", "continuation_id", "session_id", "role", "user_id", "title"]
      let rank = { order.firstIndex(of: $0) ?? order.count }
      return (rank(left), left) < (rank(right), right)
    }
  }

  func column(_ field: Field) -> LayoutColumn<Field>? { columns.first { $0.field == field } }
}
