internal import Postgres
internal import Synchronization

/// Tells which sessions of rejected messages the target has; shared by the workers of a retry.
final class SessionLookup: Sendable {
  private let layout: RowLayout<SessionField>
  private let messages: RowLayout<MessageField>
  private let plan: TransformPlan
  /// Guards the connection, which one thread may use at a time.
  private let connection: Mutex<PostgresConnection>
  /// Sessions this run has loaded, which a dry run's target does not have.
  private let loaded = Mutex<Set<RowId>>([])

  init(_ connection: consuming sending PostgresConnection, _ setup: AssemblySetup) {
    layout = setup.sessionLayout
    messages = setup.messageLayout
    plan = setup.transform
    self.connection = Mutex(connection)
  }

  /// Notes the sessions of a batch that is through.
  func add(_ batch: RowBatch, refused: Set<Int>) {
    loaded.withLock { loaded in
      for (index, row) in batch.sessions.rows.enumerated()
      where !row.isAttachment && !refused.contains(index) {
        loaded.insert(row.id)
      }
    }
  }

  /// What the target has of each group's session; nil for those it does not have and for whole records.
  func sessions(of groups: [RejectGroup]) throws -> [KnownSession?] {
    let wanted = groups.map(state)
    let asked = wanted.compactMap { $0 }
    guard !asked.isEmpty else { return groups.map { _ in nil } }
    let found = try read(asked)
    return loaded.withLock { loaded in
      wanted.map { state in
        guard let state else { return nil }
        return found[String(decoding: state.continuationId, as: UTF8.self)] ?? found[state.id.text]
          ?? (loaded.contains(state.id) ? KnownSession() : nil)
      }
    }
  }

  private func state(_ group: RejectGroup) -> SessionState? {
    guard case .messages = group.work, let origin = group.rejects.first?.origin,
      let session = origin.session
    else { return nil }
    return SessionState(session, origin.dialect, plan.ids)
  }

  /// Sessions by their id and by their continuation id.
  private func read(_ states: [SessionState]) throws(PostgresError) -> [String: KnownSession] {
    let title = layout.column(.title).map { "s.\(quotedIdentifier($0.name))" } ?? "NULL"
    let sql = """
      SELECT s.id, s.continuation_id, \(title)::text,
        (SELECT left(m.content, \(plan.titleLength * 64 + 64)) FROM \(messages.table) m
         WHERE m.session_id = s.id AND m.role = 'user'
         ORDER BY CASE WHEN m.metadata #>> '{legacy,index}' ~ '^[0-9]{1,9}$'
                    THEN (m.metadata #>> '{legacy,index}')::integer END, m.created_at, m.id LIMIT 1),
        CASE WHEN NOT EXISTS (SELECT FROM \(messages.table) m WHERE m.session_id = s.id)
          THEN s.updated_at::text END
      FROM \(layout.table) s
      WHERE s.id IN (SELECT v::uuid FROM json_array_elements_text($1::json) v)
         OR s.continuation_id IN (SELECT v FROM json_array_elements_text($2::json) v)
      """
    let parameters: [String?] = [
      Self.jsonArray(states.map { Array($0.id.text.utf8) }),
      Self.jsonArray(states.map(\.continuationId)),
    ]
    let rows = try connection.withLock { connection throws(PostgresError) in
      try connection.query(sql, parameters)
    }
    var found: [String: KnownSession] = [:]
    for row in rows.rows {
      let known = KnownSession(
        title: row.values[2], firstUserText: row.values[3], defaultTime: row.values[4])
      found[row.text(0)] = known
      if let name = row[1] { found[name] = known }
    }
    return found
  }

  private static func jsonArray(_ texts: [[UInt8]]) -> String {
    var json: [UInt8] = []
    for text in texts {
      json.append(UInt8(ascii: json.isEmpty ? "[" : ","))
      json.appendJSONString(text)
    }
    return String(decoding: json, as: UTF8.self) + "]"
  }
}

extension SessionState {
  /// The state of a session whose messages were rejected.
  init(_ session: RejectOrigin.Session, _ format: SourceFormat, _ scheme: IdScheme) {
    self.init(
      family: Array(format.rawValue.utf8), key: Array(session.key.utf8),
      ownTime: session.createdAt.flatMap(Timestamp.init(rfc3339:)), scheme: scheme)
    switch format {
    case .openAIChat: continuationId = OpenAIChat.continuationId(digest: continuationId)
    case .messagesDump where BusPayload.made(continuationId):
      continuationId =
        BusPayload.continuationId(of: continuationId[...]).map(Array.init)
        ?? continuationId
    default: break
    }
  }
}
