internal import Archive
internal import ObjectStore
internal import Postgres

/// Stores the files that a run's messages name once all of its batches are committed, and the embeddings they have as
/// these are.
///
/// Every run reads all of its inputs, those of batches that are committed too: what a run that was killed had
/// left to store, the next one finds again.
struct AttachmentRun {
  let plan: RunPlan
  let attach: AttachPlan
  let log: AttachmentLog
  /// Rows about files that dumps have.
  let tables = FileTables()
  private let store: any ObjectStore
  let facts: StoreFacts
  private let spool: DataSpool
  private let index: ObjectIndex

  /// Looks at the store, and makes it unless the run is dry, before anything is loaded.
  ///
  /// - Throws: ``RunError`` when it cannot be used.
  init(_ plan: RunPlan, _ attach: AttachPlan) async throws(RunError) {
    self.plan = plan
    self.attach = attach
    store = try await attach.store.open()
    do throws(ObjectStoreError) {
      facts = plan.options.isDryRun ? try await store.inspect() : try await store.prepare()
    } catch {
      throw RunError(store: error)
    }
    spool = try DataSpool(
      directory: plan.reportDirectory.path + "/.attached",
      limitBytes: facts.sizeLimitBytes ?? Self.dataLimitBytes)
    log = AttachmentLog(spool: spool)
    index = ObjectIndex(store, isThere: !facts.isNew || !plan.options.isDryRun)
  }

  /// Largest file in a message where the store sets no limit.
  private static let dataLimitBytes = 64 << 20

  /// Stores what was collected.
  ///
  /// - Parameters:
  ///   - target: holds the sessions, and the rows.
  ///   - totals: counts files, by the inputs of the messages that name them.
  ///   - rejects: takes those that cannot be stored.
  ///   - progress: told of each file.
  ///   - stop: ends it between files.
  /// - Throws: ``RunError``, `PostgresError`.
  func run(
    _ target: ConnectionTarget, totals: RunTotals, rejects: RejectFile, progress: Progress,
    stop: StopSignal
  ) async throws {
    note(totals)
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    let storing = try makeStoring(
      control, totals: totals, rejects: rejects, progress: progress, stop: stop)
    let attachments = log.attachments
    let sessions = try FileStatements.sessions(
      Array(Set(attachments.map(\.continuationId))).sorted(), control)
    var found = ClaimedFiles()
    for attachment in attachments {
      guard let size = try size(of: attachment, totals, rejects) else { continue }
      let index = found.index(
        of: attachment.file.path, size: size, state: attachment.file.found)
      let isKnown = sessions[attachment.continuationId] != nil
      for claim in attachment.claims(of: index) {
        var claim = claim
        // Of a session that a load would make, a dry run knows the id.
        if plan.options.isDryRun, !isKnown { claim.link = .session(attachment.session) }
        found.claims.add(claim)
      }
    }
    let recorded = try add(
      tables: tables, citedIn: log.citations, to: &found, control, totals, rejects)
    let claims = found.claims
    progress.expect(bytes: claims.byteCount)
    var contents = try await storing.hash(claims, workers: plan.workers)
    try refuseOthers(than: found.states, claims, &contents, totals, rejects)
    compare(recorded, contents, totals)
    try await storing.store(claims, contents, control, target)
  }

  /// What stores files of this run.
  private func makeStoring(
    _ control: borrowing PostgresConnection, totals: RunTotals, rejects: RejectFile,
    progress: Progress, stop: StopSignal
  ) throws -> FileStoring {
    FileStoring(
      spec: plan.spec, storePlan: attach.store, isDryRun: plan.options.isDryRun,
      state: attach.state, store: store, index: index,
      statements: FileStatements(layout: try FileField.layout(control)), totals: totals,
      rejects: rejects, progress: progress, stop: stop)
  }

  /// What stores the run's embeddings; nil where these are no files.
  func makeEmbeddingStoring(
    _ target: ConnectionTarget, totals: RunTotals, rejects: RejectFile, stop: StopSignal
  ) throws -> EmbeddingStoring? {
    guard plan.spec.transform.embeddings == .object else { return nil }
    note(totals)
    let control = try PostgresConnection(target, applicationName: "convoy embeddings")
    // Bytes and rows of the run's progress are those of its batches.
    let storing = try makeStoring(
      control, totals: totals, rejects: rejects, progress: Progress(bytesTotal: nil), stop: stop)
    return EmbeddingStoring(
      storing, target, rows: try storing.makeRows(target, control), directory: spool.directory,
      sizeLimitBytes: facts.sizeLimitBytes, connection: control)
  }

  /// Rejects files that are not those that were found: a link that came to their place since leads anywhere.
  private func refuseOthers(
    than found: [FileState?], _ claims: FileClaims, _ contents: inout [HashedContent?],
    _ totals: RunTotals, _ rejects: RejectFile
  ) throws(RunError) {
    for index in contents.indices {
      guard let expected = found[index], let state = contents[index]?.state,
        (state.device, state.inode) != (expected.device, expected.inode)
      else { continue }
      contents[index] = nil
      for claim in claims.claims where claim.file == index {
        try refuse(
          claim, .fileChanged, "\(claims.files[index].text): another file took its place", totals,
          rejects)
      }
    }
  }

  private func refuse(
    _ claim: FileClaim, _ rule: Rule, _ message: String, _ totals: RunTotals,
    _ rejects: RejectFile
  ) throws(RunError) {
    try totals.refuseFile(
      Reject(
        kind: .file, input: plan.inputs[Int(claim.place.input)].path, place: claim.place,
        stage: .extract, rule: rule, message: message, bytes: Array(claim.path.utf8)), in: rejects)
  }

  /// Removes what was put aside of the messages.
  func discard() { spool.remove() }

  /// Counts what the messages name, and what of it there is.
  private func note(_ totals: RunTotals) {
    let counts = log.counts
    totals.update { sums in
      sums.files.store = attach.store.description
      sums.files.limitBytes = facts.sizeLimitBytes
      sums.files.mentions = counts
    }
  }

  /// Bytes of a file that the store has room for; rejects one that is larger, or gone by now.
  private func size(
    of attachment: AttachmentLog.Attachment, _ totals: RunTotals, _ rejects: RejectFile
  ) throws(RunError) -> Int? {
    let path = attachment.file.path
    func refuse(_ rule: Rule, _ message: String) throws(RunError) {
      for claim in attachment.claims(of: 0) {
        try self.refuse(claim, rule, message, totals, rejects)
      }
    }
    var size = attachment.file.found?.size ?? 0
    if attachment.file.found == nil {
      do throws(FileError) {
        size = try FileState(regularFile: path).size
      } catch {
        try refuse(.fileUnreadable, error.description)
        return nil
      }
    }
    guard let limit = facts.sizeLimitBytes, size > limit else { return size }
    totals.update { sums in
      sums.files.tooLarge += 1
      sums.files.tooLargeBytes += size
    }
    try refuse(.fileTooLarge, "\(path.text) has \(size) bytes, and the store takes \(limit)")
    return nil
  }
}

extension AttachmentLog.Attachment {
  /// A claim for each way the file is written, with the messages that write it so.
  func claims(of file: Int) -> [FileClaim] {
    var claims: [FileClaim] = []
    var places: [String: Int] = [:]
    for naming in namings {
      let path = naming.text ?? "data:\(self.file.mediaType ?? "")"
      if let known = places[path] {
        if let message = naming.message { claims[known].messages.append(message) }
        continue
      }
      places[path] = claims.count
      var claim = FileClaim(
        file: file, name: name(path), path: path, link: .continuation(continuationId),
        place: naming.place)
      claim.messages = naming.message.map { [$0] } ?? []
      claims.append(claim)
    }
    return claims
  }

  /// The name a file has in the words of the message, else on disk.
  private func name(_ written: String) -> String {
    if let type = self.file.mediaType {
      let subtype = type.split(separator: "/").last ?? ""
      let ending = subtype == "plain" ? "txt" : subtype.prefix { $0.isLetter || $0.isNumber }
      return "data.\(ending)"
    }
    let last = written.split { $0 == "/" || $0 == "\\" }.last.map(String.init)
    return last ?? self.file.path.text
  }
}
