internal import ObjectStore
internal import Postgres

/// What a row of `files` says of its object.
struct StoredFileRow: Sendable {
  let id: String
  /// The object's key.
  let path: String
  let filename: String
  let byteCount: Int?
  /// SHA-256 of the content; nil where the column holds none.
  let digest: ContentDigest?
  let mediaType: String?

  static let columns = "id::text, storage_path, filename, file_size, file_hash, mime_type"

  /// Reads a row of ``columns``.
  init(_ row: PostgresRow) {
    id = row.text(0)
    path = row.text(1)
    filename = row.text(2)
    byteCount = row[3].flatMap { Int($0) }
    digest = row[4].flatMap { ContentDigest(hex: $0) }
    mediaType = row[5]
  }
}

/// The rows of a bucket in the byte order of their paths, as they are at one moment; a thousand in memory.
struct StoredFileRows: ~Copyable {
  private static let rowsAtATime = 1_000

  private let connection: PostgresConnection
  private var rows: ArraySlice<StoredFileRow> = []
  private var isExhausted = false

  /// Opens a cursor; the moment is now.
  /// - Throws: `PostgresError`; ``RunError`` where there is no table.
  init(_ target: ConnectionTarget, bucket: String) throws {
    let connection = try PostgresConnection(target, applicationName: "convoy files")
    try connection.requireFilesTable()
    try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL row_security = off")
    try connection.execute(
      """
      DECLARE stored_files NO SCROLL CURSOR FOR
      SELECT \(StoredFileRow.columns) FROM public.files WHERE bucket_name = \(quotedLiteral(bucket))
      ORDER BY storage_path COLLATE "C"
      """)
    self.connection = connection
  }

  mutating func next() throws(PostgresError) -> StoredFileRow? {
    if rows.isEmpty, !isExhausted {
      rows = try connection.query("FETCH \(Self.rowsAtATime) FROM stored_files").rows
        .map { StoredFileRow($0) }[...]
      isExhausted = rows.isEmpty
    }
    return rows.popFirst()
  }
}

extension PostgresConnection {
  /// Says what to do where there is no table of files.
  func requireFilesTable() throws {
    guard try query("SELECT to_regclass('public.files')").first?[0] == nil else { return }
    throw RunError(
      .failed, "the target has no table files", hint: "convoy schema apply makes it")
  }
}
