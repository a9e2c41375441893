internal import Postgres

/// convoy's memory of what is committed: schema `convoy` of the target database.
///
/// A batch's ledger row commits together with its rows, so a batch is either wholly there or not at all,
/// whenever the process ends.
enum Ledger {
  /// Makes the schema where it is missing; changes nothing where it is there.
  static func prepare(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    let found = try connection.query(
      """
      SELECT to_regclass('convoy.runs') IS NOT NULL AND to_regclass('convoy.batches') IS NOT NULL
        AND to_regclass('convoy.inputs') IS NOT NULL AND to_regclass('convoy.definitions') IS NOT NULL
        AND to_regclass('convoy.copies') IS NOT NULL
        AND to_regprocedure('convoy.row_id(timestamptz, text[])') IS NOT NULL
        AND \(hasDetails) AND \(has("pieces", of: "convoy.batches"))
      """)
    guard found.first?.isTrue(0) != true else { return }
    // Two first runs at once would both see nothing; the lock lets one of them make it.
    try connection.execute(
      """
      BEGIN;
      SET LOCAL lock_timeout = '10s';
      SELECT pg_advisory_xact_lock(hashtext('convoy.ledger'));
      CREATE SCHEMA IF NOT EXISTS convoy;
      REVOKE ALL ON SCHEMA convoy FROM PUBLIC;
      CREATE TABLE IF NOT EXISTS convoy.runs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        pipeline text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        outcome text,
        version text NOT NULL,
        counts jsonb);
      CREATE TABLE IF NOT EXISTS convoy.batches (
        key bytea PRIMARY KEY,
        run_id uuid NOT NULL REFERENCES convoy.runs ON DELETE CASCADE,
        sessions integer NOT NULL,
        messages integer NOT NULL,
        committed_at timestamptz NOT NULL DEFAULT now());
      CREATE TABLE IF NOT EXISTS convoy.inputs (
        pipeline text NOT NULL,
        path text NOT NULL,
        size bigint NOT NULL,
        fingerprint bytea NOT NULL,
        rule text NOT NULL,
        run_id uuid NOT NULL REFERENCES convoy.runs ON DELETE CASCADE,
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (pipeline, path));
      CREATE TABLE IF NOT EXISTS convoy.copies (
        session_id uuid NOT NULL,
        source text NOT NULL,
        id uuid NOT NULL,
        message_id uuid NOT NULL,
        PRIMARY KEY (session_id, source, id));
      ALTER TABLE convoy.runs ADD COLUMN IF NOT EXISTS details jsonb;
      ALTER TABLE convoy.batches ADD COLUMN IF NOT EXISTS pieces jsonb;
      CREATE INDEX IF NOT EXISTS batches_run_id_idx ON convoy.batches (run_id);
      \(DefinitionLedger.table)
      \(rowIdFunction)
      COMMIT
      """)
  }

  /// The version 8 id of a row, computed by the server: the same function as ``RowId``.
  static let rowIdFunction = """
    CREATE OR REPLACE FUNCTION convoy.row_id(own_time timestamptz, VARIADIC parts text[])
    RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE SET search_path = '' AS $row_id$
      WITH raw AS (
        SELECT substring(int8send(greatest(0,
                 floor(extract(epoch FROM coalesce(own_time, 'epoch')) * 1000))::bigint) FROM 3)
               || substring(sha256(convert_to(array_to_string(parts, U&'\\001F'), 'UTF8'))
                    FROM 1 FOR 10) AS bytes
        WHERE array_position(parts, NULL) IS NULL)
      SELECT encode(set_byte(set_byte(bytes, 6, get_byte(bytes, 6) & 15 | 128),
                             8, get_byte(bytes, 8) & 63 | 128), 'hex')::uuid FROM raw
    $row_id$;
    """

  /// Whether the ledger has what the first version's had not.
  static let hasDetails = has("details", of: "convoy.runs")

  private static func has(_ column: String, of table: String) -> String {
    """
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(\(quotedLiteral(table)))
      AND attname = \(quotedLiteral(column)) AND NOT attisdropped)
    """
  }

  /// Pieces of inputs as the ledger keeps them, a JSON array; NULL where there are none.
  static func literal(_ pieces: [InputPiece]) -> String {
    guard !pieces.isEmpty else { return "NULL" }
    var json: [UInt8] = []
    for piece in pieces {
      json.append(UInt8(ascii: json.isEmpty ? "[" : ","))
      json += #"{"path":"#.utf8
      json.appendJSONString(piece.path.utf8)
      json += #","byteOffset":\#(piece.byteOffset),"byteLength":\#(piece.byteLength),"#.utf8
      json += #""digest":"\#(String(piece.digest, radix: 16))"}"#.utf8
    }
    json.append(UInt8(ascii: "]"))
    return quotedLiteral(String(decoding: json, as: UTF8.self))
  }

  /// Begins a run.
  ///
  /// - Returns: its id, as text.
  static func begin(
    _ connection: borrowing PostgresConnection, pipeline: String, version: String, details: String
  ) throws(PostgresError) -> String {
    try connection.query(
      """
      INSERT INTO convoy.runs (pipeline, version, details) VALUES ($1, $2, $3::jsonb) RETURNING id
      """,
      [pipeline, version, details]
    ).first?.text(0) ?? ""
  }

  /// Ends a run.
  static func finish(
    _ connection: borrowing PostgresConnection, run: String, outcome: String, counts: String,
    details: String
  ) throws(PostgresError) {
    _ = try connection.query(
      """
      UPDATE convoy.runs SET finished_at = now(), outcome = $2, counts = $3::jsonb,
        details = coalesce(details, '{}') || $4::jsonb WHERE id = $1
      """, [run, outcome, counts, details])
  }

  /// Forgets batches of the pipeline's runs that finished longer ago than this, and after ten times as
  /// long, and a year, the runs themselves.
  ///
  /// What did not finish stays whole, until a later run of the pipeline has finished so long ago: it is what
  /// a resumed run goes on with. A batch that is forgotten is loaded again when it is met, and its rows are
  /// found by their ids.
  static func prune(
    _ connection: borrowing PostgresConnection, pipeline: String, keepSeconds: Int
  ) throws(PostgresError) {
    _ = try connection.query(
      """
      DELETE FROM convoy.batches b USING convoy.runs r
      WHERE r.id = b.run_id AND r.pipeline = $1
        AND coalesce(r.finished_at, b.committed_at) <= now() - make_interval(secs => $2::double precision)
        AND (r.outcome IN ('done', 'rejects') OR EXISTS (
          SELECT FROM convoy.runs l WHERE l.pipeline = r.pipeline AND l.started_at > r.started_at
            AND l.outcome IN ('done', 'rejects') AND l.details ->> 'work' IS DISTINCT FROM 'retry'
            AND l.finished_at <= now() - make_interval(secs => $2::double precision)))
      """, [pipeline, "\(keepSeconds)"])
    _ = try connection.query(
      """
      DELETE FROM convoy.runs r WHERE pipeline = $1 AND outcome IN ('done', 'rejects')
        AND finished_at < now() - greatest(
          make_interval(secs => 10 * $2::double precision), interval '365 days')
        AND NOT EXISTS (SELECT FROM convoy.batches b WHERE b.run_id = r.id)
      """, [pipeline, "\(keepSeconds)"])
  }
}
