internal import Archive
internal import Postgres

/// Stores the embeddings of sessions whose messages are committed, those of a few batches at a time.
///
/// The order is that of all files: a session's messages commit, its object is in the store for good, its row commits.
/// A process that ends between two of these leaves nothing that the next run does not find: it reads every row again,
/// those of batches that are committed too.
///
/// Memory: the files it is given.
actor EmbeddingStoring {
  /// Where files are put together that are too large for memory.
  nonisolated let directory: String
  private let storing: FileStoring
  private let target: ConnectionTarget
  private let rows: FileRows
  private let sizeLimitBytes: Int?
  private let retry = RetryPolicy()
  /// Nil while it is in use, and after it broke.
  private var connection: PostgresConnection?
  /// Whether somebody's files are being stored, and who waits for that.
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(
    _ storing: FileStoring, _ target: ConnectionTarget, rows: FileRows, directory: String,
    sizeLimitBytes: Int?, connection: consuming sending PostgresConnection
  ) {
    self.storing = storing
    self.target = target
    self.rows = rows
    self.directory = directory
    self.sizeLimitBytes = sizeLimitBytes
    self.connection = consume connection
  }

  /// Stores files and their rows, once nobody else's are being stored.
  ///
  /// - Throws: ``RunError``, on a stop signal too; `PostgresError`.
  func store(_ files: [EmbeddingFile]) async throws {
    guard !files.isEmpty else { return }
    while isBusy { await withCheckedContinuation { waiting.append($0) } }
    isBusy = true
    defer {
      isBusy = false
      if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
    try storing.stop.check()
    let connection = try self.connection.take() ?? connect()
    let live = try checked(connection)
    try await store(files, live)
    self.connection = consume live
  }

  private func connect() throws(PostgresError) -> PostgresConnection {
    try PostgresConnection(target, applicationName: "convoy embeddings")
  }

  /// The connection, or another one where the server has ended it since it was used.
  private func checked(
    _ connection: consuming PostgresConnection
  ) throws(PostgresError) -> PostgresConnection {
    var attempt = 1
    var current: PostgresConnection? = consume connection
    while true {
      do throws(PostgresError) {
        let tried: PostgresConnection
        if let kept = current.take() { tried = kept } else { tried = try connect() }
        try tried.execute("SELECT")
        return tried
      } catch {
        guard attempt < retry.attemptLimit, RetryPolicy.isTransient(error),
          storing.stop.received == nil
        else { throw error }
        storing.stop.wait(seconds: retry.delay(after: attempt))
        attempt += 1
      }
    }
  }

  private func store(
    _ files: [EmbeddingFile], _ control: borrowing PostgresConnection
  ) async throws {
    // In a dry run a session that a load would make is known by the id it would have.
    var known: Set<String>?
    if storing.isDryRun {
      known = Set(
        try FileStatements.sessions(files.map(\.continuationId), control).keys)
    }
    var inMemory = FileClaims()
    var contents: [HashedContent?] = []
    for file in files {
      var link = FileClaim.Link.continuation(file.continuationId)
      if let known, !known.contains(file.continuationId) { link = .session(file.session) }
      if let limit = sizeLimitBytes, file.size > limit {
        try refuse(file, limit)
        continue
      }
      switch file.content {
      case .memory(let bytes):
        let index = inMemory.add(
          FileClaims.File(path: RawPath(EmbeddingFile.name), size: bytes.count, bytes: bytes))
        inMemory.add(FileClaim(file, at: index, link))
        contents.append(
          HashedContent(
            digest: .of(bytes), byteCount: bytes.count, chunks: [], isCached: false))
      case .file(let path, let size):
        var claims = FileClaims()
        let index = claims.add(FileClaims.File(path: RawPath(path), size: size))
        claims.add(FileClaim(file, at: index, link))
        let hashed = try await storing.hash(claims, workers: 1)
        try await storing.store(claims, hashed, control, target, rows: rows)
        try RunError.onFiles { () throws(FileError) in try removeFile(path) }
      }
    }
    try await storing.store(inMemory, contents, control, target, rows: rows)
  }

  private func refuse(_ file: EmbeddingFile, _ limit: Int) throws(RunError) {
    storing.totals.update { sums in
      sums.files.tooLarge += 1
      sums.files.tooLargeBytes += file.size
    }
    let claim = FileClaim(file, at: 0, .none)
    try storing.totals.refuseFile(
      Reject(
        kind: .file, input: claim.path, place: claim.place, stage: .extract, rule: .fileTooLarge,
        message: "the embeddings of a session are \(file.size) bytes, and the store takes \(limit)",
        bytes: Array(claim.path.utf8)), in: storing.rejects)
  }
}

extension FileClaim {
  /// A session's embeddings, which nobody names.
  fileprivate init(_ embeddings: EmbeddingFile, at file: Int, _ link: Link) {
    self.init(
      file: file, name: EmbeddingFile.name, path: "conversations.embedding", link: link,
      place: embeddings.place)
    metadata = Array(
      #""embeddings":{"count":\#(embeddings.count),"type":"float\#(embeddings.width * 8)"}"#.utf8)
    time = .now
  }
}
