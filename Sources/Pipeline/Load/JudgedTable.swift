internal import Postgres

/// A temporary table that refuses what a table of the target refuses, and with the same words.
///
/// It has the table's own name: what the server says of a row names the right table, and a trigger's function
/// that names it without a schema means this one. One column is added, `convoy_is_new`, which is true of
/// rows that a load would have written; a copy of a row the target has is never judged.
struct JudgedTable: Sendable {
  /// The table's name, unquoted, without schema.
  let name: String
  /// The target's own table, for SQL.
  let live: String
  /// The columns a row can be copied into, for SQL.
  let columnList: String
  /// Make the table with its checks, without keys or triggers.
  let making: [String]
  /// Make its unique and other indexes.
  let indexing: [String]
  /// Make the triggers that stand for what the target's keys and foreign keys refuse beyond the table.
  let guarding: [String]
  /// Takes off what a row must be, for when a trigger that may mend it cannot be asked; empty if that is nothing.
  let relaxing: String
  /// The target's own triggers.
  let triggers: [JudgedTrigger]
  /// Conditions on rows of the table without triggers, `p`, that it cannot judge alone.
  let doubts: [String]
  /// The condition under which a row without doubts keeps all the table asks of it alone, for COPY … WHERE;
  /// nil where that cannot be said so.
  let demand: String?
  /// Whether it judges rows without its triggers and further keys, apart from ``doubts``.
  let isSimple: Bool
  /// What of the target cannot be asked, each for a person.
  let unasked: [String]

  /// The table for SQL.
  var qualified: String { "pg_temp.\(quotedIdentifier(name))" }

  /// Setting under which no trigger of the table fires: copies of the target's own rows are not judged.
  static let pausing = "SET LOCAL convoy.judging = 'off';"
  /// Takes it back.
  static let resuming = "SET LOCAL convoy.judging = 'on';"
  /// The condition under which triggers fire.
  static let condition = "current_setting('convoy.judging', true) IS DISTINCT FROM 'off'"

  /// Reads what a table of schema `public` has; `tables` names all there will be one like this of.
  init(
    _ name: String, among tables: [String], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    let catalogue = JudgedCatalogue(name)
    let columns = try connection.query(catalogue.columns).rows
    let checks = try connection.query(catalogue.checks).rows
    let parts = try connection.query(catalogue.partitions).rows
    let indexes = try connection.query(catalogue.indexes).rows
    let keys = try connection.query(catalogue.foreignKeys(among: tables)).rows
    let triggers = try connection.query(catalogue.triggers).rows.map(JudgedTrigger.init)
    self.name = name
    live = catalogue.live
    columnList = columns.filter { !$0.isTrue(1) }.map { $0.text(0) }.joined(separator: ", ")
    self.triggers = triggers

    let like =
      "LIKE \(catalogue.live) INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE"
      + (connection.serverVersion >= 140_000 ? " INCLUDING COMPRESSION" : "")
    let body =
      ([like, "convoy_is_new boolean NOT NULL DEFAULT true"]
      + checks.map {
        // A copy of a row that is there may break a check that was added NOT VALID.
        "CONSTRAINT \($0.text(0)) CHECK (NOT convoy_is_new OR (\($0.text(1))))"
      }).joined(separator: ", ")
    var making: [String] = []
    if let root = parts.first {
      making.append(
        "CREATE TEMPORARY TABLE \(quotedIdentifier(name)) (\(body)) "
          + "PARTITION BY \(root.text(3)) ON COMMIT DROP")
      for part in parts.dropFirst() {
        making.append(
          "CREATE TEMPORARY TABLE \(part.text(0)) PARTITION OF pg_temp.\(part.text(1)) \(part.text(2))"
            + (part[3].map { " PARTITION BY \($0)" } ?? "") + " ON COMMIT DROP")
      }
    } else {
      making.append(
        "CREATE TEMPORARY TABLE \(quotedIdentifier(name)) (\(body)) ON COMMIT DROP")
    }
    for (number, column) in columns.enumerated() where column.isTrue(2) {
      // The target's sequence is not to move; its rows' numbers are passed over.
      let sequence = "convoy_\(name)_\(number)"
      making.append(
        "CREATE TEMPORARY SEQUENCE \(quotedIdentifier(sequence)) START \(column.integer(3) + 1)")
      making.append(
        """
        ALTER TABLE pg_temp.\(quotedIdentifier(name)) ALTER \(column.text(0)) SET DEFAULT
          nextval(\(quotedLiteral("pg_temp.\(quotedIdentifier(sequence))")))
        """)
    }
    self.making = making
    let demands =
      columns.filter { $0.isTrue(5) }.map { "\($0.text(0)) IS NOT NULL" }
      + checks.map { "(\($0.text(1))) IS NOT FALSE" }
    // COPY cannot look at generated columns, nor at what other tables have.
    demand =
      columns.contains { $0.isTrue(1) }
      ? nil : demands.isEmpty ? "true" : demands.joined(separator: " AND ")
    let relaxed =
      checks.map { "DROP CONSTRAINT \($0.text(0))" }
      + columns.filter { $0.isTrue(4) }.map { "ALTER \($0.text(0)) DROP NOT NULL" }
    relaxing =
      relaxed.isEmpty
      ? "" : "ALTER TABLE pg_temp.\(quotedIdentifier(name)) \(relaxed.joined(separator: ", "))"
    indexing = indexes.filter { $0.text(2) != "idle" }.map { $0.text(1) }
    guarding =
      indexes.enumerated().flatMap { Self.uniqueGuard($0, $1, name, catalogue.live) }
      + keys.filter { $0.isTrue(6) }.enumerated().flatMap {
        Self.keyGuard($0, $1, name, among: tables)
      }
    unasked = keys.filter { !$0.isTrue(6) }.map {
      "foreign key \($0.text(0)) of \(name): this role may not read \($0.text(2))"
    }
    doubts =
      indexes.filter { $0.text(2) == "wide" }.map { $0.text(5) }
      + keys.filter { $0.isTrue(6) && !$0.isTrue(7) }.map {
        """
        (\($0.text(5)) AND NOT EXISTS (
          SELECT FROM \($0.text(2)) r WHERE \($0.text(3).replacingNew("p"))))
        """
      }
    isSimple =
      parts.isEmpty && !indexes.contains { ["unique", "special"].contains($0.text(2)) }
      && !keys.contains { $0.isTrue(7) && !$0.isTrue(8) }
      && !triggers.contains { $0.firesOnInsert }
  }

  /// What refuses a row whose key another of the target's own rows has.
  ///
  /// Rows the run has met are in the temporary table, in the state they are in by now.
  private static func uniqueGuard(
    _ number: Int, _ index: PostgresRow, _ name: String, _ live: String
  ) -> [String] {
    guard let match = index[4], index.text(2) != "id" else { return [] }
    let table = "pg_temp.\(quotedIdentifier(name))"
    let isExclusion = index.isTrue(6)
    let message =
      isExclusion
      ? "conflicting key value violates exclusion constraint \"\(index.text(0))\""
      : "duplicate key value violates unique constraint \"\(index.text(0))\""
    let filter = index[7].map { " WHERE \($0)" } ?? ""
    // '!' comes before letters: the server looks at indexes before it fires any trigger behind the row.
    return trigger(
      "!convoy_\(name)_\(number)", on: name, event: "INSERT OR UPDATE",
      """
      IF EXISTS (
        SELECT FROM (SELECT id, \(index.text(3)) FROM \(table)\(filter)) n
        JOIN (SELECT id, \(index.text(3)) FROM \(live)\(filter)) l ON \(match)
        WHERE n.id = NEW.id AND l.id <> NEW.id
          AND NOT EXISTS (SELECT FROM \(table) c WHERE c.id = l.id)
      ) THEN
        \(raise(isExclusion ? "23P01" : "23505", message, constraint: index.text(0), name))
      END IF;
      """)
  }

  /// What refuses a row whose foreign key leads nowhere.
  private static func keyGuard(
    _ number: Int, _ key: PostgresRow, _ name: String, among tables: [String]
  ) -> [String] {
    let search = { (table: String) in
      "NOT EXISTS (SELECT FROM \(table) r WHERE \(key.text(3)))"
    }
    let own = key[10].map { [search("pg_temp.\($0)")] } ?? []
    let missing = (own + [search(key.text(2))]).joined(separator: " AND ")
    let message =
      "insert or update on table \"\(name)\" violates foreign key constraint \"\(key.text(0))\""
    let refusal = raise("23503", message, constraint: key.text(0), name)
    // Under the name of the target's own trigger, among whose it fires in the same order.
    return trigger(
      key.text(9), function: "convoy_key_\(name)_\(number)", on: name,
      event: "INSERT OR UPDATE OF \(key.text(1))",
      """
      IF \(key.text(4)) THEN IF \(missing) THEN \(refusal) END IF; END IF;
      \(key[11].map { "IF \($0) THEN \(refusal) END IF;" } ?? "")
      """)
  }

  private static func raise(
    _ state: String, _ message: String, constraint: String, _ table: String
  ) -> String {
    """
    RAISE EXCEPTION USING ERRCODE = '\(state)', MESSAGE = \(quotedLiteral(message)),
      CONSTRAINT = \(quotedLiteral(constraint)), TABLE = \(quotedLiteral(table)), SCHEMA = 'public';
    """
  }

  private static func trigger(
    _ name: String, function: String? = nil, on table: String, event: String, _ body: String
  ) -> [String] {
    let function = "pg_temp.\(quotedIdentifier(function ?? name))"
    return [
      """
      CREATE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql AS
      \(quotedLiteral("BEGIN \(body) RETURN NULL; END"))
      """,
      """
      CREATE TRIGGER \(quotedIdentifier(name)) AFTER \(event) ON pg_temp.\(quotedIdentifier(table))
      FOR EACH ROW WHEN (\(condition)) EXECUTE FUNCTION \(function)()
      """,
    ]
  }
}

extension String {
  /// The same condition about rows of another name than a trigger's.
  fileprivate func replacingNew(_ name: String) -> String { replacing("NEW.", with: "\(name).") }
}
