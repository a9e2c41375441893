internal import Postgres

/// Sessions: inserted, and widened where they are there. created_at takes the least, updated_at the
/// greatest; what else changes is up to the policy.
///
/// Of a session's copies in one set of inputs the first in that set gives title and metadata, whichever
/// is committed first, so that the rows do not depend on how fast which worker was; under `update` a copy
/// with a later updated_at goes before. Another source's copy, whose times are its own, gives them only under
/// `update`, and if it is the better source.
extension MergeStatements {
  /// Where rows go to tables of a dry run's own, what the target has of the staged ones is copied first.
  var seedSessions: String {
    guard let judged else { return "" }
    let columns = judged.sessions.columnList
    return """
      \(JudgedTable.pausing)
      INSERT INTO \(sessionTable) (\(columns), convoy_is_new)
      SELECT \(columns), false FROM \(sessions.table) t
      WHERE t.id = ANY (ARRAY(SELECT id FROM \(sessionStage)))
         OR t.continuation_id = ANY (ARRAY(SELECT continuation_id FROM \(sessionStage)))
      ON CONFLICT (id) DO NOTHING;
      \(JudgedTable.resuming)
      """
  }

  /// Inserts the sessions that are not there; waits for other workers' that are on their way in.
  var insertSessions: String {
    """
    INSERT INTO \(sessionTable) (\(sessions.columnList))
    SELECT \(sessions.columnList) FROM (\(sessionSelection)) e
    WHERE e.metadata ->> '\(Self.attachment)' IS NULL ORDER BY id
    ON CONFLICT (id) DO NOTHING RETURNING id
    """
  }

  /// Writes down the update times before and after; behind the insert, when all the sessions are there.
  var noteTimes: String {
    """
    INSERT INTO \(timesTable) (id, before, incoming)
    SELECT t.id, t.updated_at, nullif(e.updated_at, \(absentTime(.updatedAt)))
    FROM \(sessionTable) t JOIN (\(sessionSelection)) e ON e.id = t.id
    ORDER BY t.id FOR NO KEY UPDATE OF t
    ON CONFLICT (id) DO UPDATE SET before = excluded.before, incoming = excluded.incoming
    """
  }

  /// Widens the sessions that were there; answers with the ids of those it changed.
  var widenSessions: String {
    let created = "nullif(e.created_at, \(absentTime(.createdAt)))"
    let updated = "nullif(e.updated_at, \(absentTime(.updatedAt)))"
    let widenedTime =
      "CASE WHEN \(hasFormerTime) THEN e.updated_at ELSE greatest(t.updated_at, \(updated)) END"
    var assignments = [
      "created_at = CASE WHEN \(hasFormerTime) THEN e.created_at ELSE least(t.created_at, \(created)) END",
      "updated_at = \(keepsFormerTimes ? "t.updated_at" : widenedTime)",
      "metadata = \(settledMetadata)",
    ]
    var changes = [
      "least(t.created_at, \(created)) IS DISTINCT FROM t.created_at",
      "greatest(t.updated_at, \(updated)) IS DISTINCT FROM t.updated_at",
      isEarlierCopy, hasFormerTime,
    ]
    if conflict.sessions == .update, let user = sessions.column(.userId) {
      changes.append("\(settledMetadata) IS DISTINCT FROM t.metadata")
      let name = quotedIdentifier(user.name)
      assignments.append("\(name) = CASE WHEN \(isNewer) THEN e.\(name) ELSE t.\(name) END")
    }
    if sessions.column(.title) != nil {
      assignments.append(
        """
        title = CASE WHEN t.title IS NULL OR (\(isNewer) OR \(isEarlierCopy)) AND e.title IS NOT NULL
            OR \(hasFormerTitle) THEN e.title ELSE t.title END
        """)
      changes.append("t.title IS NULL AND e.title IS NOT NULL")
      changes.append(hasFormerTitle)
    }
    if isDryRun { assignments.append("convoy_is_new = true") }
    return """
      UPDATE \(sessionTable) t SET \(assignments.joined(separator: ", "))
      FROM (\(sessionSelection)) e
      WHERE t.id = e.id AND (\(changes.joined(separator: " OR "))) RETURNING t.id
      """
  }

  /// Whether the incoming row is the later state of the session, or of a better source, and the policy is to
  /// take it.
  private var isNewer: String {
    guard conflict.sessions == .update else { return "false" }
    let poorer = SourceFormat(rawValue: source).map(\.poorer) ?? []
    let stored = "coalesce(t.metadata #>> '{legacy,source}', \(quotedLiteral(source)))"
    return """
      (e.metadata ->> '\(Self.attachment)' IS NULL AND CASE WHEN \(stored) = \(quotedLiteral(source))
        THEN coalesce(nullif(e.updated_at, \(absentTime(.updatedAt))) > t.updated_at, false)
        ELSE \(stored) = ANY ('{\(poorer.map(\.rawValue).joined(separator: ","))}'::text[]) END)
      """
  }

  /// Member of metadata by which a row is known that only leads messages to a session that is there.
  static let attachment = "convoy_attachment"

  /// Member of an attaching row's metadata: the title that its own may replace.
  static let formerTitle = "convoy_former_title"

  /// Whether the session still has the title that the incoming row's stands in for.
  private var hasFormerTitle: String {
    "(coalesce(t.title = e.metadata ->> '\(Self.formerTitle)', false) AND t.title <> e.title)"
  }

  /// Member of an attaching row's metadata: the default time that its own may replace.
  static let formerTime = "convoy_former_time"

  /// Whether the session still has the time of its import alone, for which the incoming row has a real one.
  private var hasFormerTime: String {
    let former = "e.metadata ->> '\(Self.formerTime)'"
    return "(\(former) IS NOT NULL AND \(former) = t.updated_at::text)"
  }

  /// Under `update` both rows' metadata, the later state's where they differ, so that nothing either knew is
  /// lost in whatever order they come.
  private var settledMetadata: String {
    guard conflict.sessions == .update, sessions.column(.metadata)?.kind == .jsonb else {
      return "CASE WHEN \(isNewer) OR \(isEarlierCopy) THEN e.metadata ELSE t.metadata END"
    }
    return """
      CASE WHEN e.metadata ->> '\(Self.attachment)' IS NOT NULL THEN t.metadata
        WHEN \(isNewer) OR \(isEarlierCopy) THEN \(Self.merged("e.metadata", over: "t.metadata"))
        ELSE \(Self.merged("t.metadata", over: "e.metadata")) END
      """
  }

  /// Members of both objects, those of `legacy` as well; the first one's win.
  static func merged(_ winner: String, over other: String) -> String {
    """
    CASE WHEN jsonb_typeof(\(winner)) = 'object' AND jsonb_typeof(\(other)) = 'object'
      THEN \(other) || \(winner) || CASE
        WHEN jsonb_typeof(\(winner) -> 'legacy') = 'object' AND jsonb_typeof(\(other) -> 'legacy') = 'object'
        THEN jsonb_build_object('legacy', (\(other) -> 'legacy') || (\(winner) -> 'legacy'))
        ELSE '{}' END
      ELSE coalesce(\(winner), \(other)) END
    """
  }

  /// Whether the incoming row is of the same set of inputs as the one that is there, and before it.
  private var isEarlierCopy: String {
    func legacy(_ row: String, _ name: String) -> String {
      "\(row).metadata #>> '{legacy,\(name)}'"
    }
    func place(_ row: String) -> String {
      "(\(legacy(row, "file")) COLLATE \"C\", (\(legacy(row, "line")))::bigint)"
    }
    let isOlder =
      conflict.sessions == .update
      ? "AND NOT coalesce(nullif(e.updated_at, \(absentTime(.updatedAt))) < t.updated_at, false)"
      : ""
    return """
      (coalesce(\(legacy("t", "inputs")) = \(legacy("e", "inputs"))
        AND \(legacy("t", "source")) = \(legacy("e", "source"))
        AND \(place("e")) < \(place("t")), false) \(isOlder))
      """
  }

  /// Literal of the time that stands for "the source has none", which says nothing about a session.
  private func absentTime(_ field: SessionField) -> String {
    let time = sessions.column(field)?.absent.flatMap(Timestamp.init(postgres:))
    return time.map { "\(quotedLiteral($0.rfc3339))::timestamptz" } ?? "NULL"
  }

  /// One row for each session of the stage, its copies made one.
  private var sessionSelection: String {
    let order =
      conflict.sessions == .update
      ? "nullif(updated_at, \(absentTime(.updatedAt))) DESC NULLS LAST, convoy_order"
      : "convoy_order"
    let values = sessions.columns.map { column in
      let name = quotedIdentifier(column.name)
      switch column.field {
      case .id: return "convoy_target AS id"
      case .createdAt:
        return "coalesce(min(nullif(\(name), \(absentTime(.createdAt)))), min(\(name))) AS \(name)"
      case .updatedAt:
        return "coalesce(max(nullif(\(name), \(absentTime(.updatedAt)))), max(\(name))) AS \(name)"
      case .title:
        return """
          (array_agg(\(name) ORDER BY \(order)) FILTER (WHERE \(name) IS NOT NULL))[1] AS \(name)
          """
      case .userId, .continuationId, .metadata:
        return "(array_agg(\(name) ORDER BY \(order)))[1] AS \(name)"
      }
    }
    return """
      SELECT \(values.joined(separator: ", ")) FROM \(sessionStage)
      GROUP BY convoy_target ORDER BY convoy_target
      """
  }
}
