internal import Crypto
internal import Postgres

/// One worker: takes a piece of the source, carries it to the commit, asks again.
struct Worker {
  let setup: AssemblySetup
  /// What each phase works on.
  let sources: [BatchSource]
  let batchRule: [UInt8]
  let totals: RunTotals
  let rejects: RejectFile
  let progress: Progress
  /// What ends the run when it is exceeded; a dry run goes on to its end and tells then.
  let budget: ErrorBudget?
  let stop: StopSignal
  /// Whether rows are summed up, for a plan to foretell or a load to be held to.
  var isSummed = false
  /// Takes what batches leave for the rules about the whole run; nil where there is no whole.
  let runRules: RunRules?
  /// Takes the files that messages name; nil where they are not attached.
  var attachments: AttachmentLog?
  /// Stores the embeddings of messages; nil where these are no files.
  var embeddings: EmbeddingStoring?
  /// What to work on instead of the sources.
  var retry: RetrySource?
  var phase = 0

  /// Pieces of the source whose files of embeddings wait in memory, to be stored together.
  private static let piecesStored = 2

  /// Works until the phase's source is empty.
  ///
  /// - Throws: ``RunError`` with the place of the batch that failed, and `interrupted` on a stop signal.
  func run(_ sink: inout some BatchSink & ~Copyable) async throws {
    if let retry { return try await run(&sink, retrying: retry) }
    var assembler = try BatchAssembler(setup)
    var collector = embeddings.map { EmbeddingCollector(directory: $0.directory) }
    var own = BatchSource.Own()
    var part = 0
    var pieceCount = 0
    while true {
      try stop.check()
      // Another worker failed: what it leaves undone is not begun.
      guard !Task.isCancelled else { return }
      let started = ContinuousClock.now
      let piece = try sources[phase].next(&own)
      totals.add(.extract, nanoseconds: StageClock.nanoseconds(since: started))
      guard let piece else { break }
      totals.add(piece)
      let key = pieceKey(piece)
      let pieces = piece.pieces(of: setup.inputs)
      part = 0
      for segment in piece.segments {
        try assembler.add(segment) { batch in
          batch.pieces = pieces
          _ = try deliver(&batch, key: key, part: part, to: &sink, storedBytes: 0, &collector)
          part += 1
          try stop.check()
        }
      }
      try assembler.flush { batch in
        batch.pieces = pieces
        _ = try deliver(
          &batch, key: key, part: part, to: &sink, storedBytes: piece.storedBytes, &collector)
      }
      pieceCount += 1
      if pieceCount.isMultiple(of: Self.piecesStored) {
        try await storeEmbeddings(&collector)
      }
    }
    try await storeEmbeddings(&collector)
  }

  private func storeEmbeddings(_ collector: inout EmbeddingCollector?) async throws {
    guard let embeddings else { return }
    try await embeddings.store(collector?.takeFiles() ?? [])
    // Files and rows of these sizes come and go on every thread, which keeps what it freed of them.
    FreedMemory.giveBack()
  }

  /// Carries a batch to its end; tells what the target made of it, nil of one without rows.
  func deliver(
    _ batch: inout RowBatch, key: [UInt8], part: Int,
    to sink: inout some BatchSink & ~Copyable, storedBytes: Int,
    _ collector: inout EmbeddingCollector?
  ) throws -> BatchReceipt? {
    // Rejects are safe before the batch they come from is.
    try rejects.append(batch.rejects)
    var receipt: BatchReceipt?
    if isSummed { totals.addChecksums(batch) }
    if batch.rowCount > 0 {
      let started = ContinuousClock.now
      do {
        receipt = try sink.accept(batch, key: partKey(key, part))
      } catch let error as PostgresError {
        throw failure(error, batch)
      } catch let conflict as RowConflict {
        throw failure(conflict)
      }
      batch.clock.add(.load, nanoseconds: StageClock.nanoseconds(since: started))
      batch.clock.count(.load, records: batch.rowCount)
    }
    if let receipt {
      let refused = batch.noteRefused(receipt, inputs: setup.inputs)
      try rejects.append(refused)
    }
    if let attachments {
      let accepted = batch.mentions.filter { receipt?.refused($0) != true }
        .map { mention in receipt.map { mention.led(by: $0.copies) } ?? mention }
      try attachments.add(accepted, findings: &batch.findings)
    }
    try collector?.add(batch, receipt)
    try runRules?.add(batch.marks)
    totals.add(batch, receipt)
    progress.add(bytes: storedBytes, rows: batch.rowCount, rejects: batch.rejects.count)
    if let budget, let excess = totals.excess(over: budget) { throw RunError(overBudget: excess) }
    return receipt
  }

  private func failure(_ error: PostgresError, _ batch: RowBatch) -> any Error {
    if let signal = stop.received, error.sqlState == .queryCanceled {
      return RunError(
        .interrupted(signal), "interrupted; what is committed stays",
        hint: "the same command goes on where this one stopped")
    }
    let kind: RunError.Kind
    switch error.reason {
    case .connect, .connectionLost: kind = .unreachable
    case .server, .client, .connectionString: kind = .failed
    }
    let first = batch.sessions.rows.first ?? batch.messages.rows.first
    let place = first.map { "\(setup.inputs[Int($0.place.input)].path):\($0.place.line): " } ?? ""
    return RunError(
      // Not the server's DETAIL: it quotes the row, which is somebody's conversation.
      kind, "\(place)the batch that begins here was not loaded: \(error.summary)",
      hint: "nothing of that batch is in the target; the same command goes on with it")
  }

  private func failure(_ conflict: RowConflict) -> RunError {
    let path = setup.inputs[Int(conflict.place.input)].path
    let kind = conflict.kind.rawValue
    return RunError(
      .failed,
      "\(path):\(conflict.place.line): the target has \(kind) \(conflict.id.text) already, or the input "
        + "has it twice",
      hint: "load.conflict.\(kind)s is fail; skip leaves such rows, update takes the later state; "
        + "--restart lets a run that did not finish go on with another policy")
  }

  private func pieceKey(_ piece: SourceBatch) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: batchRule)
    for segment in piece.segments { hash.update(data: segment.fingerprint) }
    return Array(hash.finalize())
  }

  private func partKey(_ key: [UInt8], _ part: Int) -> [UInt8] {
    var bytes = key
    bytes.append(UInt8(truncatingIfNeeded: part >> 24))
    bytes.append(UInt8(truncatingIfNeeded: part >> 16))
    bytes.append(UInt8(truncatingIfNeeded: part >> 8))
    bytes.append(UInt8(truncatingIfNeeded: part))
    return bytes
  }
}

extension RunError {
  /// More is wrong than is allowed; `excess` says of what.
  init(overBudget excess: String) {
    self.init(
      .overBudget, excess,
      hint:
        "the rejects are kept; what is committed stays, and with a higher limit the same command goes on"
    )
  }
}
