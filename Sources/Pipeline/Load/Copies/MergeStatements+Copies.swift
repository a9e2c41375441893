internal import Postgres

/// Which messages of which source the rows of a session stand for, where it came from several.
///
/// The ledger's table `convoy.copies` has a row for the source that made such a session, whose id and
/// message are the session's, and one for each message of every other source: the row that stands for it,
/// its own or another's. Of the first source's messages only those have one that found another's row. A
/// batch of a session that came from one source alone, as nearly all do, neither reads nor writes any.
extension MergeStatements {
  private static let entryColumns = "session_id, source, id, message_id"

  /// Where what is learned goes; a dry run keeps it to itself.
  var copyTable: String { isDryRun ? "pg_temp.convoy_copies" : "convoy.copies" }

  /// All that is known, for a FROM.
  private var knownCopies: String {
    guard isDryRun, hasCopies else { return copyTable }
    return """
      (SELECT \(Self.entryColumns) FROM \(copyTable)
       UNION ALL SELECT \(Self.entryColumns) FROM convoy.copies)
      """
  }

  /// Makes a dry run's own table of copies.
  static let makeCopies = """
    CREATE TEMPORARY TABLE convoy_copies (
      session_id uuid, source text, id uuid, message_id uuid,
      PRIMARY KEY (session_id, source, id)) ON COMMIT DROP;
    """

  private var sourceLiteral: String { quotedLiteral(source) }

  /// Notes which staged sessions another source made, and keeps all that are there for this transaction.
  ///
  /// Behind the insert, when every other worker's are there to be seen; before they are widened, which may
  /// take the name of their source from them. Two sources of one session that come in at the same time
  /// wait for each other here, so that the second sees all rows of the first. Where a session does not say
  /// what it came from, one of the id this source gives it is this source's.
  var meetSources: String {
    let unsaid = """
      CASE WHEN t.id IN (SELECT convoy_target FROM \(sessionStage) WHERE id <> convoy_target)
        THEN '' ELSE \(sourceLiteral) END
      """
    return """
      INSERT INTO \(copyTable) (\(Self.entryColumns))
      SELECT t.id, t.source, t.id, t.id FROM (
        SELECT t.id, coalesce(t.metadata #>> '{legacy,source}', \(unsaid)) AS source
        FROM \(sessionTable) t WHERE t.id = ANY (ARRAY(SELECT convoy_target FROM \(sessionStage)))
        ORDER BY t.id FOR NO KEY UPDATE OF t) t
      WHERE t.source <> \(sourceLiteral) AND NOT EXISTS (
        SELECT FROM \(knownCopies) c WHERE c.session_id = t.id AND c.id = t.id)
      ON CONFLICT DO NOTHING
      """
  }

  /// The staged messages' sessions that came from several sources, and which made each.
  var metSessions: String {
    """
    SELECT c.session_id, c.source = \(sourceLiteral) FROM \(knownCopies) c
    WHERE c.id = c.session_id
      AND c.session_id = ANY (ARRAY(SELECT DISTINCT session_id FROM \(messageStage)))
    """
  }

  /// What is known of messages of the sessions `$1`.
  var knownMessages: String {
    """
    SELECT session_id, id, message_id, source = \(sourceLiteral) FROM \(knownCopies) c
    WHERE session_id = ANY ($1::uuid[]) AND id <> session_id
    """
  }

  /// The staged messages of the sessions `$1`, in their order.
  var stagedTurns: String {
    let settled =
      isDryRun
      ? " OR EXISTS (SELECT FROM \(JudgedTables.settledIds) i WHERE i.id = m.id)" : ""
    return """
      SELECT \(turnColumns),
        EXISTS (SELECT FROM \(messageTable) t WHERE t.id = m.id)\(settled)
      FROM \(messageStage) m WHERE m.session_id = ANY ($1::uuid[]) ORDER BY m.convoy_order
      """
  }

  /// The stored messages of the sessions `$1`, in the order the target gives them.
  var storedTurns: String {
    "SELECT \(turnColumns) FROM \(storedMessages) m ORDER BY m.session_id, m.created_at, m.id"
  }

  /// The rows of the sessions `$1`; of a dry run those it has judged, and the target's others.
  private var storedMessages: String {
    let own = """
      SELECT \(messages.columnList) FROM \(messageTable) t WHERE t.session_id = ANY ($1::uuid[])
      """
    guard isDryRun else { return "(\(own))" }
    return """
      (\(own) UNION ALL SELECT \(messages.columnList) FROM \(messages.table) t
       WHERE t.session_id = ANY ($1::uuid[])
         AND NOT EXISTS (SELECT FROM \(messageTable) j WHERE j.id = t.id))
      """
  }

  /// The contents of messages `$2` of the sessions `$1`, staged or stored.
  func contents(ofStaged isStaged: Bool) -> String {
    """
    SELECT m.id, m.content FROM \(isStaged ? messageStage : storedMessages) m
    WHERE m.session_id = ANY ($1::uuid[]) AND m.id = ANY ($2::uuid[])
    """
  }

  /// Session, id, digest, length and time of a message `m`; without a digest where its history block has to
  /// be taken off first.
  private var turnColumns: String {
    let text = """
      btrim(replace(m.content, \(quotedLiteral("\r\n")), \(quotedLiteral("\n"))),
        \(quotedLiteral(String(String.UnicodeScalarView(TurnDigest.blanks)))))
      """
    return """
      m.session_id, m.id, CASE WHEN NOT coalesce(\(isBloated("m")), false) THEN
        substring(sha256(convert_to(coalesce(m.role::text, '') || \(quotedLiteral("\u{1F}"))
          || \(text) || CASE \(text) WHEN '' THEN \(callText) ELSE '' END, 'UTF8')) FROM 1 FOR 16) END,
      octet_length(m.content), \(timeText)
      """
  }

  /// Whether a user's message begins with the conversation before it.
  private func isBloated(_ row: String) -> String {
    let mark = "\(HistoryBlock.opening)"
    return """
      (\(row).role::text = 'user'
        AND left(\(row).content, \(mark.count)) = \(quotedLiteral(mark)))
      """
  }

  /// What tells two messages without content from each other: the calls they are.
  private var callText: String {
    let columns = [MessageField.toolName, .toolArgs, .toolResult].compactMap(messages.column)
    guard !columns.isEmpty else { return "''" }
    return columns.map { column in
      "\(quotedLiteral("\u{1F}")) || coalesce(m.\(quotedIdentifier(column.name))::text, '')"
    }.joined(separator: " || ")
  }

  private var timeText: String {
    messages.column(.createdAt)?.kind == .timestamp
      ? "m.created_at AT TIME ZONE 'UTC'" : "m.created_at::timestamptz"
  }

  /// Keeps what was learned: sessions `$1`, messages `$2`, rows `$3`.
  var learnCopies: String {
    """
    INSERT INTO \(copyTable) (\(Self.entryColumns))
    SELECT session_id, \(sourceLiteral), id, message_id
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS l (session_id, id, message_id)
    ON CONFLICT (session_id, source, id) DO UPDATE SET message_id = excluded.message_id
    """
  }

  /// Gives staged messages `$1` the times `$2`, and keeps of those that change what the source says.
  var placeTurns: String {
    guard let column = messages.column(.createdAt), let metadata = messages.column(.metadata) else {
      return ""
    }
    let time =
      column.kind == .timestamp
      ? "p.time AT TIME ZONE 'UTC'"
      : column.kind == .text ? "p.time::text" : "p.time"
    let written = """
      to_char(m.created_at::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      """
    return """
      UPDATE \(messageStage) m SET created_at = \(time),
        metadata = CASE WHEN p.is_moved THEN (m.metadata::jsonb || jsonb_build_object('legacy',
          jsonb_build_object('raw_ts', \(written)) || coalesce(m.metadata::jsonb -> 'legacy', '{}')
            || '{"ts_adjusted": true}'))::\(metadata.kind == .json ? "json" : "jsonb") ELSE m.metadata END
      FROM unnest($1::uuid[], $2::timestamptz[], $3::boolean[]) AS p (id, time, is_moved)
      WHERE m.id = p.id
      """
  }

  /// Copies rows `$1` of the target into a dry run's table, where they are filled and compared.
  var seedRows: String {
    """
    INSERT INTO \(messageTable) (\(messages.columnList), convoy_is_new)
    SELECT \(messages.columnList), false FROM \(messages.table) t WHERE t.id = ANY ($1::uuid[])
    ON CONFLICT (id) DO NOTHING
    """
  }

  /// The staged messages `$1` beside the rows `$2` that stand for them, each once.
  private var copyPairs: String {
    """
    (SELECT DISTINCT ON (p.id) p.message_id, e.* FROM unnest($1::uuid[], $2::uuid[]) AS p (id, message_id)
     JOIN \(messageStage) e ON e.id = p.id ORDER BY p.id, e.convoy_order)
    """
  }

  /// Members of `legacy` that are about a message's place in its source, not about the message.
  private static let placeMembers = "'{index,part,role,raw_ts,time_zone,ts_adjusted}'::text[]"

  /// Fills what rows `$2` lack with what messages `$1` have; answers with the rows it changed.
  var fillRows: String {
    let values = messages.columns.compactMap { column -> (name: String, value: String)? in
      let name = quotedIdentifier(column.name)
      switch column.field {
      case .id, .sessionId, .role, .content, .createdAt: return nil
      case .metadata:
        guard column.kind == .jsonb else { return nil }
        let other = """
          coalesce(jsonb_set(e.metadata, '{legacy}', (e.metadata -> 'legacy') - \(Self.placeMembers)),
            e.metadata)
          """
        return (name, Self.merged("t.metadata", over: other))
      default:
        return (name, "coalesce(\(present("t", column)), e.\(name), t.\(name))")
      }
    }
    let changes = values.map { value in
      let column = messages.columns.first { quotedIdentifier($0.name) == value.name }
      let comparable = column?.kind == .json ? "::text" : ""
      return "(\(value.value))\(comparable) IS DISTINCT FROM t.\(value.name)\(comparable)"
    }
    let flag = isDryRun ? ", convoy_is_new = true" : ""
    return """
      UPDATE \(messageTable) t SET \(values.map { "\($0.name) = \($0.value)" }.joined(separator: ", "))\(flag)
      FROM \(copyPairs) e WHERE t.id = e.message_id AND (\(changes.joined(separator: " OR ")))
      RETURNING t.id
      """
  }

  /// Those of messages `$1` that say anything rows `$2` do not.
  var leftOut: String {
    var differences = messages.columns.compactMap { column -> String? in
      let name = quotedIdentifier(column.name)
      let comparable = column.kind == .json ? "::text" : ""
      switch column.field {
      case .id, .sessionId, .role, .content, .createdAt, .metadata: return nil
      default:
        return """
          (\(present("e", column)) IS NOT NULL
            AND e.\(name)\(comparable) IS DISTINCT FROM t.\(name)\(comparable))
          """
      }
    }
    /// Whether the message has members that the row's object of the same place lacks.
    func lacks(_ place: String, without members: String) -> String {
      func object(_ row: String) -> String {
        let value = "(\(row).metadata::jsonb\(place))"
        return "(CASE jsonb_typeof(\(value)) WHEN 'object' THEN \(value) - \(members) END)"
      }
      return "\(object("e")) <> '{}' AND NOT coalesce(\(object("e")) <@ \(object("t")), false)"
    }
    differences += [
      "\(isBloated("e")) AND NOT \(isBloated("t"))", lacks("", without: "'legacy'::text"),
      lacks(" -> 'legacy'", without: Self.placeMembers),
    ]
    return """
      SELECT e.id FROM \(copyPairs) e JOIN \(messageTable) t ON t.id = e.message_id
      WHERE \(differences.map { "(\($0))" }.joined(separator: " OR "))
      """
  }

  /// The value of a column, NULL where it stands for none.
  private func present(_ row: String, _ column: LayoutColumn<MessageField>) -> String {
    let name = "\(row).\(quotedIdentifier(column.name))"
    guard let absent = column.absentText, column.kind != .json else { return name }
    return "nullif(\(name), \(quotedLiteral(absent)))"
  }

  /// Takes messages `$1` off the stage.
  var unstage: String { "DELETE FROM \(messageStage) WHERE id = ANY ($1::uuid[])" }
}
