internal import Postgres

/// What the target is asked and told of files; every statement takes many of them.
struct FileStatements: Sendable {
  /// A row of a group that the target has.
  struct Existing: Sendable {
    let id: String
    let storagePath: String
    /// Whether it says all that is known of the group.
    let isUnchanged: Bool
  }

  let layout: RowLayout<FileField>

  /// Sessions by their continuation id; those the target does not have are left out.
  static func sessions(
    _ continuationIds: [String], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [String: RowId] {
    let list = String(decoding: FileFacts.list(continuationIds), as: UTF8.self)
    let rows = try connection.query(
      """
      SELECT continuation_id, id FROM public.exai_sessions
      WHERE continuation_id IN (SELECT v FROM json_array_elements_text($1::json) v)
      """, [list])
    var found: [String: RowId] = [:]
    for row in rows.rows {
      if let id = RowId(uuid: row.text(1)) { found[row.text(0)] = id }
    }
    return found
  }

  /// Those of some sessions that the target has.
  static func sessions(
    ids: [RowId], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Set<RowId> {
    guard !ids.isEmpty else { return [] }
    let list = String(decoding: FileFacts.list(ids.map(\.text)), as: UTF8.self)
    let rows = try connection.query(
      """
      SELECT id FROM public.exai_sessions
      WHERE id IN (SELECT v::uuid FROM json_array_elements_text($1::json) v)
      """, [list])
    return Set(rows.rows.compactMap { RowId(uuid: $0.text(0)) })
  }

  /// Those of some paths in the store that rows name.
  static func named(
    _ paths: [String], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Set<String> {
    let list = String(decoding: FileFacts.list(paths), as: UTF8.self)
    let rows = try connection.query(
      """
      SELECT storage_path FROM public.files
      WHERE storage_path IN (SELECT v FROM json_array_elements_text($1::json) v)
      """, [list])
    return Set(rows.rows.map { $0.text(0) })
  }

  /// Rows of the same session and content.
  ///
  /// - Returns: one for each group, nil where there is none.
  func existing(
    _ groups: [(group: FileGroup, facts: FileFacts)], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [Existing?] {
    var found: [Existing?] = Array(repeating: nil, count: groups.count)
    guard !groups.isEmpty else { return found }
    let rows = try connection.query(
      """
      SELECT DISTINCT ON (w.n) w.n, f.id, f.storage_path,
        coalesce(f.metadata, '{}') @> w.given
        AND coalesce(f.metadata #> '{legacy,names}', '[]') @> (w.legacy -> 'names')
        AND coalesce(f.metadata #> '{legacy,paths}', '[]') @> (w.legacy -> 'paths')
        AND coalesce(f.metadata #> '{legacy,continuation_ids}', '[]')
          @> coalesce(w.legacy -> 'continuation_ids', '[]')
        AND coalesce(f.metadata #> '{legacy,files}', '[]') @> coalesce(w.legacy -> 'files', '[]')
        AND \(FileList.allCases.map(Self.hasAll).joined(separator: " AND "))
        AND coalesce(to_jsonb(f.tags), '[]') @> w.tags
      FROM \(Self.wanted) JOIN \(layout.table) f
        ON f.file_hash = w.hash AND f.session_id IS NOT DISTINCT FROM w.session
      ORDER BY w.n, f.id <> w.id, f.created_at, f.id
      """, [Self.json(groups)])
    for row in rows.rows {
      found[row.integer(0)] = Existing(
        id: row.text(1), storagePath: row.text(2), isUnchanged: row.isTrue(3))
    }
    return found
  }

  /// Adds what is known of the groups to the rows that are there, and takes nothing away.
  func update(
    _ groups: [(group: FileGroup, facts: FileFacts)], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    guard !groups.isEmpty else { return }
    let union = Self.union
    let legacy =
      "CASE jsonb_typeof(f.metadata -> 'legacy') WHEN 'object' THEN f.metadata -> 'legacy' END"
    _ = try connection.query(
      """
      UPDATE \(layout.table) f SET
        tags = ARRAY(SELECT jsonb_array_elements_text(\(union("to_jsonb(f.tags)", "w.tags")))),
        metadata = coalesce(f.metadata, '{}') || w.given
          || \(Self.lists)
          || jsonb_build_object('legacy', coalesce(\(legacy), '{}') || w.legacy
            || jsonb_build_object(
              'names', \(union("f.metadata #> '{legacy,names}'", "(w.legacy -> 'names')")),
              'paths', \(union("f.metadata #> '{legacy,paths}'", "(w.legacy -> 'paths')")))
            || \(Self.member(
              "continuation_ids", "f.metadata #> '{legacy,continuation_ids}'",
              "(w.legacy -> 'continuation_ids')"))
            || \(Self.member("files", "f.metadata #> '{legacy,files}'", "(w.legacy -> 'files')")))
      FROM \(Self.wanted)
      WHERE f.file_hash = w.hash AND f.session_id IS NOT DISTINCT FROM w.session
      """, [Self.json(groups)])
  }

  private static let wanted = """
    jsonb_to_recordset($1::jsonb)
      AS w (n integer, id uuid, session uuid, hash text, given jsonb, legacy jsonb, lists jsonb,
        tags jsonb)
    """

  /// Whether a row has all elements of a list, an SQL expression.
  private static func hasAll(_ list: FileList) -> String {
    "coalesce(f.metadata -> '\(list.rawValue)', '[]') @> coalesce(w.lists -> '\(list.rawValue)', '[]')"
  }

  /// The lists that rows of `w` add to, as a JSON object, an SQL expression.
  static let lists = FileList.allCases.map { list in
    member(list.rawValue, "f.metadata -> '\(list.rawValue)'", "(w.lists -> '\(list.rawValue)')")
  }.joined(separator: " || ")

  /// A member that only those have who have something to say there.
  private static func member(_ name: String, _ old: String, _ new: String) -> String {
    """
    CASE WHEN coalesce(\(new), '[]') = '[]' THEN '{}'
      ELSE jsonb_build_object('\(name)', \(union(old, new))) END
    """
  }

  /// The elements of both lists, in the order they are first met, an SQL expression; what is no list counts as
  /// its only element, and an object of which another one says all goes into that.
  static func union(_ old: String, _ new: String) -> String {
    """
    (WITH u AS (
      SELECT v, min(n) AS first FROM jsonb_array_elements(
        CASE WHEN \(old) IS NULL THEN '[]' WHEN jsonb_typeof(\(old)) = 'array' THEN \(old)
          ELSE jsonb_build_array(\(old)) END || \(new)) WITH ORDINALITY e (v, n) GROUP BY v)
    SELECT coalesce(jsonb_agg(v ORDER BY first), '[]') FROM u
    WHERE jsonb_typeof(v) <> 'object'
      OR NOT EXISTS (SELECT FROM u more WHERE more.v @> u.v AND more.v <> u.v
        AND (NOT u.v @> more.v OR more.first < u.first)))
    """
  }

  private static func json(_ groups: [(group: FileGroup, facts: FileFacts)]) -> String {
    var out: [UInt8] = []
    for (index, (group, facts)) in groups.enumerated() {
      out.append(UInt8(ascii: index == 0 ? "[" : ","))
      out += #"{"n":\#(index),"id":"\#(group.id.text)","session":"#.utf8
      out += (group.session.map { "\"\($0.text)\"" } ?? "null").utf8
      out += #","hash":"\#(group.digest.hexadecimal)","given":"#.utf8
      out += facts.given + Array(#","legacy":"#.utf8) + facts.legacy
      out += Array(#","lists":"#.utf8) + facts.listed
      out += Array(#","tags":"#.utf8) + facts.tagList + [UInt8(ascii: "}")]
    }
    return String(decoding: out, as: UTF8.self) + "]"
  }

  var copy: String { "COPY \(layout.table) (\(layout.columnList)) FROM STDIN (FORMAT binary)" }

  /// Appends the row of a file.
  func append(_ file: StoredFile, bucket: String, to rows: inout RowBuffer) {
    rows.begin(fieldCount: layout.columns.count)
    func text(_ text: String) { rows.bytes.append(field: Array(text.utf8)) }
    for column in layout.columns {
      switch column.field {
      case .id: rows.bytes.append(id: file.group.id, kind: column.kind)
      case .createdAt:
        rows.bytes.append(time: file.createdAt, kind: column.kind)
      case .updatedAt: rows.bytes.append(field: column.absent)
      case .filename: text(file.facts.names.first ?? "")
      case .storagePath: text(file.storagePath)
      case .bucketName: text(bucket)
      case .fileSize:
        let isHeld = rows.bytes.append(
          number: DecimalNumber(Int64(file.group.size)), kind: column.kind)
        if !isHeld { rows.bytes.appendNull() }
      case .mimeType: text(file.mediaType)
      case .fileHash: text(file.group.digest.hexadecimal)
      case .sessionId:
        if let session = file.group.session {
          rows.bytes.append(id: session, kind: column.kind)
        } else {
          rows.bytes.appendNull()
        }
      case .tags: append(file.facts, column, to: &rows.bytes)
      case .metadata:
        let start = rows.bytes.beginField()
        if column.kind == .jsonb { rows.bytes.append(1) }
        rows.bytes += file.facts.metadata
        rows.bytes.endField(start)
      }
    }
    rows.end(
      id: file.group.id, session: file.group.session ?? file.group.id, place: file.facts.place,
      isCounted: true)
  }

  private func append(
    _ facts: FileFacts, _ column: LayoutColumn<FileField>, to out: inout [UInt8]
  ) {
    let start = out.beginField()
    if case .textArray(let elementType) = column.kind {
      out.append(arrayOf: facts.tags.count, elementType: elementType, hasNull: false)
      for tag in facts.tags { out.append(field: Array(tag.utf8)) }
    } else {
      out.append(1)
      out += facts.tagList
    }
    out.endField(start)
  }
}

extension RowId {
  /// Reads the server's text of a UUID.
  init?(uuid text: String) {
    let digits = text.filter { $0 != "-" }
    guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }
}
