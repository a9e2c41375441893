internal import ObjectStore
internal import Postgres

/// A row that a file got while its session was not in the target.
struct UnlinkedRow: Sendable {
  let id: String
  let storagePath: String
}

/// What a run knows of the files of one content, all of which belong to sessions.
private struct LinkedContent {
  var paths: Set<String> = []
  var continuationIds: Set<String> = []
}

/// Finds rows without a session that can go over to groups whose session has come.
///
/// A row goes over only if nothing it tells of belongs elsewhere: each path and continuation id it holds is
/// linked by this run. So what some other run left without a session stays as it is.
struct UnlinkedRows {
  private var contents: [FileDigest: LinkedContent] = [:]
  private var taken: Set<String> = []
  private let statements: FileStatements
  private let bucket: String

  init(_ groups: [FileGroup], _ claims: FileClaims, _ statements: FileStatements, bucket: String) {
    self.statements = statements
    self.bucket = bucket
    var unlinked: Set<FileDigest> = []
    for group in groups {
      if group.session == nil { unlinked.insert(group.digest) }
      for index in group.claims {
        let claim = claims.claims[index]
        guard case .continuation(let id) = claim.link else { continue }
        contents[group.digest, default: LinkedContent()].paths.insert(claim.path)
        contents[group.digest]?.continuationIds.insert(id)
        if let name = claim.formerName { contents[group.digest]?.continuationIds.insert(name) }
      }
    }
    for digest in unlinked { contents[digest] = nil }
  }

  /// Rows that go over to groups which have none of their own; each goes to one group.
  mutating func rows(
    for groups: [FileGroup], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [UnlinkedRow?] {
    var found: [UnlinkedRow?] = Array(repeating: nil, count: groups.count)
    var out: [UInt8] = []
    for (index, group) in groups.enumerated() {
      guard group.session != nil, let content = contents[group.digest] else { continue }
      out += #"\#(out.isEmpty ? "" : ",")"#.utf8
      out += #"{"n":\#(index),"hash":"\#(group.digest.hexadecimal)","paths":"#.utf8
      out += FileFacts.list(content.paths.sorted()) + Array(#","ids":"#.utf8)
      out += FileFacts.list(content.continuationIds.sorted()) + [UInt8(ascii: "}")]
    }
    guard !out.isEmpty else { return found }
    let rows = try connection.query(
      """
      SELECT w.n, f.id, f.storage_path
      FROM jsonb_to_recordset($1::jsonb) AS w (n integer, hash text, paths jsonb, ids jsonb)
      JOIN \(statements.layout.table) f ON f.file_hash = w.hash AND f.session_id IS NULL
      WHERE f.bucket_name = $2 AND f.metadata #>> '{legacy,source}' = 'files'
        AND jsonb_array_length(f.metadata #> '{legacy,continuation_ids}') > 0
        AND w.ids @> (f.metadata #> '{legacy,continuation_ids}')
        AND w.paths @> (f.metadata #> '{legacy,paths}')
      ORDER BY w.n, f.created_at, f.id
      """, ["[" + String(decoding: out, as: UTF8.self) + "]", bucket])
    for row in rows.rows where found[row.integer(0)] == nil && taken.insert(row.text(1)).inserted {
      found[row.integer(0)] = UnlinkedRow(id: row.text(1), storagePath: row.text(2))
    }
    return found
  }
}

extension FileStatements {
  /// Makes rows without a session those of their groups' sessions; what others keep in them stays.
  ///
  /// - Returns: whether each was still there to be changed.
  func link(
    _ files: [StoredFile], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [Bool] {
    var linked = Array(repeating: false, count: files.count)
    guard !files.isEmpty else { return linked }
    var out: [UInt8] = []
    for (index, file) in files.enumerated() {
      guard let session = file.group.session, let row = file.unlinkedRow else { continue }
      out += #"\#(out.isEmpty ? "" : ",")"#.utf8
      out += #"{"n":\#(index),"row":"\#(row.id)","id":"\#(file.group.id.text)""#.utf8
      out += #","session":"\#(session.text)","name":"#.utf8
      out.appendJSONString((file.facts.names.first ?? "").utf8)
      out += Array(#","path":"#.utf8)
      out.appendJSONString(file.storagePath.utf8)
      out += Array(#","metadata":"#.utf8) + file.facts.metadata
      out += Array(#","lists":"#.utf8) + file.facts.listed
      out += Array(#","tags":"#.utf8) + file.facts.tagList + [UInt8(ascii: "}")]
    }
    let rows = try connection.query(
      """
      UPDATE \(layout.table) f SET
        id = w.id, session_id = w.session, filename = w.name, storage_path = w.path,
        tags = ARRAY(SELECT jsonb_array_elements_text(\(Self.union("to_jsonb(f.tags)", "w.tags")))),
        metadata = f.metadata || w.metadata || \(Self.lists) || jsonb_build_object('legacy',
          (f.metadata -> 'legacy') - 'continuation_ids' || (w.metadata -> 'legacy'))
      FROM jsonb_to_recordset($1::jsonb) AS w
        (n integer, row uuid, id uuid, session uuid, name text, path text, metadata jsonb,
          lists jsonb, tags jsonb)
      WHERE f.id = w.row AND f.session_id IS NULL
      RETURNING w.n
      """, ["[" + String(decoding: out, as: UTF8.self) + "]"])
    for row in rows.rows { linked[row.integer(0)] = true }
    return linked
  }
}

extension FileStoring {
  /// Removes objects whose rows have others now.
  ///
  /// Not while another run is under way, which may be about to name them: they are objects without a row then,
  /// as a killed run leaves them.
  func remove(former paths: [String], _ target: ConnectionTarget) async throws {
    guard !paths.isEmpty else { return }
    let connection = try PostgresConnection(target, applicationName: "convoy files")
    guard try RunLock.holders(connection).count <= 1 else { return }
    let named = try FileStatements.named(paths, connection)
    do {
      _ = try await store.remove(paths.filter { !named.contains($0) }.map { try ObjectKey($0) })
    } catch let error as ObjectStoreError {
      throw RunError(store: error)
    }
  }
}
