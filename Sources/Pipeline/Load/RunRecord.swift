internal import FoundationEssentials
public import Postgres

/// One run as the ledger of a target remembers it.
public struct RunRecord: Sendable, Encodable {
  /// Batches by what became of them, as of the run's report.
  public struct Batches: Sendable, Codable {
    /// Batches the inputs were cut into, as far as they were read.
    public var total: Int
    /// Committed by the run.
    public var committed: Int
    /// Skipped, because an earlier run had committed them.
    public var alreadyCommitted: Int
    /// Committed by way of a temporary table.
    public var merged: Int
  }

  /// Objects a run has sent, for those who want to know how long others take.
  struct Uploads: Sendable, Codable {
    var store: String
    var objects: Int
    var bytes: Int
    var seconds: Double
  }

  /// What the ledger still holds of the run's batches.
  public struct Ledgered: Sendable, Encodable {
    /// Batches committed and not yet pruned.
    public var batches: Int
    /// Session rows in them.
    public var sessions: Int
    /// Message rows in them.
    public var messages: Int
  }

  /// The run's id, a UUID.
  public var id: String
  /// Name of the pipeline.
  public var pipeline: String
  /// `load`, or `retry` of rejects.
  public var work: String
  /// Version of convoy.
  public var version: String
  /// When it began, RFC 3339, UTC.
  public var startedAt: String
  /// When it ended; nil for a run that did not.
  public var finishedAt: String?
  /// Time from beginning to end.
  public var seconds: Double?
  /// `done`, `rejects`, `failed`, `interrupted` or `unfinished`.
  public var outcome: String
  /// What became of its records; nil while it has not finished.
  public var counts: Tally?
  /// Its batches; nil while it has not finished, and for runs of convoy's first version.
  public var batches: Batches?
  /// The batches the ledger has of it.
  public var ledger: Ledgered
  /// Its first inputs, by their paths.
  public var inputs: [String]
  /// How many inputs it had.
  public var inputCount: Int
  /// What it sent to a store; nil for a run without files.
  var uploads: Uploads?
}

extension RunRecord {
  /// What the ledger keeps of a run beside its counts.
  struct Details: Codable {
    static let inputLimit = 100

    var work: String?
    /// Whether it loaded everything anew, whatever had been committed.
    var isRestart: Bool?
    var inputs: [String]?
    var inputCount: Int?
    var batches: Batches?
    /// SHA-256 of the plan it was held to.
    var plan: String?
    var uploads: Uploads?

    /// As JSON text, without what is nil.
    func json() throws -> String {
      String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }
  }

  /// The latest runs, the newest first; none of a database without a ledger.
  ///
  /// - Parameters:
  ///   - limit: most runs returned.
  ///   - connection: to the target.
  /// - Returns: the runs.
  /// - Throws: `PostgresError`; an error of decoding for a ledger that is not convoy's.
  public static func latest(
    _ limit: Int, from connection: borrowing PostgresConnection
  ) throws -> [RunRecord] {
    try read("ORDER BY r.started_at DESC, r.id LIMIT $1", ["\(limit)"], connection)
  }

  /// Runs whose id begins so.
  ///
  /// - Parameters:
  ///   - prefix: lower-case hexadecimal digits and hyphens.
  ///   - connection: to the target.
  /// - Returns: the runs; one, if the prefix is long enough.
  /// - Throws: `PostgresError`; an error of decoding for a ledger that is not convoy's.
  public static func starting(
    with prefix: String, from connection: borrowing PostgresConnection
  ) throws -> [RunRecord] {
    try read(
      "WHERE starts_with(r.id::text, $1) ORDER BY r.started_at DESC, r.id", [prefix], connection)
  }

  private static func read(
    _ selection: String, _ parameters: [String], _ connection: borrowing PostgresConnection
  ) throws -> [RunRecord] {
    let there = try connection.query(
      """
      SELECT to_regclass('convoy.runs') IS NOT NULL AND to_regclass('convoy.batches') IS NOT NULL,
        \(Ledger.hasDetails)
      """)
    guard there.first?.isTrue(0) == true else { return [] }
    // A ledger that no run of this version has met yet has no such column.
    let details = there.first?.isTrue(1) == true ? "r.details" : "NULL::jsonb"
    let rows = try connection.query(
      """
      SELECT r.id, r.pipeline, r.version, \(time("r.started_at")), \(time("r.finished_at")),
        extract(epoch FROM r.finished_at - r.started_at), coalesce(r.outcome, 'unfinished'),
        r.counts, \(details), b.batches, b.sessions, b.messages
      FROM convoy.runs r CROSS JOIN LATERAL (
        SELECT count(*) AS batches, coalesce(sum(sessions), 0) AS sessions,
          coalesce(sum(messages), 0) AS messages
        FROM convoy.batches WHERE run_id = r.id) b
      \(selection)
      """, parameters)
    return try rows.rows.map { row in
      let details = try row.values[8].map {
        try JSONDecoder().decode(Details.self, from: Data($0))
      }
      let inputs = details?.inputs ?? []
      return RunRecord(
        id: row.text(0), pipeline: row.text(1), work: details?.work ?? "load",
        version: row.text(2), startedAt: row.text(3), finishedAt: row[4],
        seconds: row[5].flatMap { Double($0) }, outcome: row.text(6),
        counts: try row.values[7].map { try JSONDecoder().decode(Tally.self, from: Data($0)) },
        batches: details?.batches,
        ledger: Ledgered(
          batches: row.integer(9), sessions: row.integer(10), messages: row.integer(11)),
        inputs: inputs, inputCount: details?.inputCount ?? inputs.count, uploads: details?.uploads)
    }
  }

  private static func time(_ column: String) -> String {
    "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
  }
}
