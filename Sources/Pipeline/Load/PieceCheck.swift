internal import Archive
internal import Postgres

/// Compares committed pieces of inputs with what the inputs hold now, before a run goes on behind them.
///
/// Size, time and ends of a file do not tell whether its middle is still what was loaded; the digests of
/// its pieces do, for one reading of what is committed.
struct PieceCheck {
  let pipeline: String
  let inputs: [PlannedInput]
  let stop: StopSignal

  /// - Returns: a line for each input that has changed; empty where none has.
  /// - Throws: `PostgresError`; ``RunError`` on a stop signal.
  func differences(_ connection: borrowing PostgresConnection) throws -> [String] {
    let rows = try connection.query(Self.committed, [pipeline])
    var pieces: [String: [InputPiece]] = [:]
    for row in rows.rows {
      guard let digest = UInt64(row.text(3), radix: 16) else { continue }
      pieces[row.text(0), default: []].append(
        InputPiece(
          path: row.text(0), byteOffset: row.integer(1), byteLength: row.integer(2),
          digest: digest))
    }
    var found: [String] = []
    for input in inputs {
      guard let known = pieces[input.identity], let changed = try firstChanged(known, in: input)
      else { continue }
      found.append(
        """
        \(input.identity): changed inside since it was loaded: bytes \(changed.byteOffset) to \
        \(changed.byteOffset + changed.byteLength - 1) are others (still \(input.size ?? 0) bytes)
        """)
    }
    return found
  }

  private func firstChanged(_ pieces: [InputPiece], in input: PlannedInput) throws -> InputPiece? {
    do {
      var stream = try ByteStream(path: input.path, assuming: input.encoding)
      var buffer: [UInt8] = []
      var at = 0
      for piece in pieces where piece.byteOffset >= at {
        try stop.check()
        while at < piece.byteOffset {
          at += try read(min(piece.byteOffset - at, 1 << 20), from: &stream, into: &buffer)
          if buffer.isEmpty { return piece }
        }
        at += try read(piece.byteLength, from: &stream, into: &buffer)
        guard WyHash.hash(buffer.span, 0..<buffer.count) == piece.digest else {
          return piece
        }
      }
    } catch is StreamError {
      // The reading itself will meet the same trouble and report it with its place.
    }
    return nil
  }

  /// Fills the buffer with the next bytes; with fewer than asked for only at the end.
  private func read(
    _ count: Int, from stream: inout ByteStream, into buffer: inout [UInt8]
  ) throws(StreamError) -> Int {
    buffer.removeAll(keepingCapacity: true)
    while buffer.count < count, try stream.read(into: &buffer, upTo: count - buffer.count) > 0 {}
    return buffer.count
  }

  /// Pieces of the batches the run would go on behind: those of the pipeline's runs since it last finished
  /// or began anew.
  private static let committed = """
    WITH own AS (
      SELECT id, started_at, coalesce(outcome, 'none') IN ('done', 'rejects') AS is_finished,
        coalesce((details ->> 'isRestart')::boolean, false) AS is_restart
      FROM convoy.runs WHERE pipeline = $1 AND details ->> 'work' IS DISTINCT FROM 'retry')
    SELECT DISTINCT p.path, p."byteOffset", p."byteLength", p.digest
    FROM convoy.batches b JOIN own r ON r.id = b.run_id
      CROSS JOIN LATERAL jsonb_to_recordset(b.pieces)
        AS p(path text, "byteOffset" bigint, "byteLength" bigint, digest text)
    WHERE NOT EXISTS (SELECT FROM own l WHERE l.started_at > r.started_at AND l.is_restart
        OR l.started_at >= r.started_at AND l.is_finished)
    ORDER BY 1, 2
    """
}
