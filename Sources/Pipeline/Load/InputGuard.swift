internal import Postgres

/// Refuses to go on with a load that is not finished when its inputs or its mapping are others now.
///
/// For each input of a pipeline the ledger keeps its fingerprint, the mapping and the batch rule of the
/// last run. Without this a changed mapping would leave half of a load made one way and half the other.
/// Behind a finished run nothing is left to go on with: a file that grew is simply loaded.
struct InputGuard {
  let pipeline: String
  /// Lines `key=value` of all that decides rows and batches.
  let rule: String
  let inputs: [PlannedInput]

  /// Compares with what the ledger has.
  ///
  /// - Returns: differences, each for a person; empty when there is none or nothing is known yet.
  func differences(_ connection: borrowing PostgresConnection) throws -> [String] {
    try connection.execute("BEGIN; SET LOCAL lock_timeout = '10s'; \(stage)")
    try copy(connection)
    let rows = try connection.query(
      """
      SELECT s.path, k.size, s.size, k.fingerprint <> s.fingerprint, k.rule,
             k.seen_at::timestamptz(0)
      FROM pg_temp.convoy_inputs s JOIN convoy.inputs k ON k.pipeline = $1 AND k.path = s.path
      JOIN convoy.runs r ON r.id = k.run_id
      WHERE (k.fingerprint <> s.fingerprint OR k.rule <> $2)
        AND coalesce(r.outcome, 'none') NOT IN ('done', 'rejects')
        AND EXISTS (SELECT FROM convoy.batches b WHERE b.run_id = r.id)
      ORDER BY s.path LIMIT 20
      """, [pipeline, rule])
    try connection.execute("ROLLBACK")
    var found: [String] = []
    for row in rows.rows {
      if row.isTrue(3) {
        let size =
          row[1] == row[2]
          ? "still \(row.text(2)) bytes" : "\(row.text(1)) bytes, now \(row.text(2))"
        found.append("\(row.text(0)): changed since \(row.text(5)) (\(size))")
      }
    }
    if let other = rows.rows.first(where: { $0.text(4) != rule }) {
      let before = Set(other.text(4).split(separator: "\n"))
      let now = Set(rule.split(separator: "\n"))
      found += before.subtracting(now).sorted().map { "was \($0)" }
      found += now.subtracting(before).sorted().map { "is \($0)" }
    }
    return found
  }

  /// Puts today's inputs and rule into the ledger, as those of a run that begins.
  func record(_ connection: borrowing PostgresConnection, run: String) throws {
    try connection.execute("BEGIN; SET LOCAL lock_timeout = '10s'; \(stage)")
    try copy(connection)
    _ = try connection.query(
      """
      INSERT INTO convoy.inputs (pipeline, path, size, fingerprint, rule, run_id)
      SELECT $1, path, size, fingerprint, $2, $3::uuid FROM pg_temp.convoy_inputs
      ON CONFLICT (pipeline, path) DO UPDATE SET
        size = excluded.size, fingerprint = excluded.fingerprint, rule = excluded.rule,
        run_id = excluded.run_id, seen_at = now()
      """, [pipeline, rule, run])
    try connection.execute("COMMIT")
  }

  private var stage: String {
    """
    CREATE TEMPORARY TABLE convoy_inputs (path text, size bigint, fingerprint bytea) ON COMMIT DROP
    """
  }

  private func copy(_ connection: borrowing PostgresConnection) throws {
    try connection.copyIn("COPY pg_temp.convoy_inputs FROM STDIN (FORMAT binary)") { writer in
      var bytes = BinaryCopy.header
      for input in inputs {
        guard let fingerprint = input.fingerprint, let size = input.size else { continue }
        bytes.append(bigEndian: Int16(3))
        bytes.append(field: Array(input.identity.utf8))
        bytes.append(bigEndian: Int32(8))
        bytes.append(bigEndian: Int64(size))
        bytes.append(field: fingerprint)
        if bytes.count > 1 << 20 {
          try writer.write(bytes.span)
          bytes.removeAll(keepingCapacity: true)
        }
      }
      bytes += BinaryCopy.trailer
      try writer.write(bytes.span)
    }
  }
}
