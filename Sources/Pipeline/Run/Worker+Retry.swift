internal import Crypto

/// Work on rejects that are tried again.
extension Worker {
  /// The same worker for each phase there is, one after the other: of rejects, or of the run's sources.
  var phases: [Worker] {
    (0..<(retry?.phaseCount ?? sources.count)).map { phase in
      var worker = self
      worker.phase = phase
      return worker
    }
  }

  /// Works until the phase has no more groups.
  func run(
    _ sink: inout some BatchSink & ~Copyable, retrying source: RetrySource
  ) async throws {
    var assembler = try BatchAssembler(setup)
    var collector = embeddings.map { EmbeddingCollector(directory: $0.directory) }
    while true {
      try stop.check()
      guard !Task.isCancelled else { return }
      let started = ContinuousClock.now
      let piece = try source.next(phase)
      totals.add(.extract, nanoseconds: StageClock.nanoseconds(since: started))
      guard let piece else { return }
      var dialect: SourceFormat?
      for (group, known) in piece.groups {
        // Rows of two sources in one batch would count as one's.
        let own = group.rejects.first?.origin?.dialect
        if dialect != nil, own != dialect {
          try assembler.flush { try deliver(&$0, source, to: &sink, storedBytes: 0, &collector) }
        }
        dialect = own
        try assembler.retry(group, known) { batch in
          try deliver(&batch, source, to: &sink, storedBytes: 0, &collector)
          try stop.check()
        }
      }
      totals.add(storedBytes: piece.byteCount)
      try assembler.flush { batch in
        try deliver(&batch, source, to: &sink, storedBytes: piece.byteCount, &collector)
      }
      try await embeddings?.store(collector?.takeFiles() ?? [])
    }
  }

  private func deliver(
    _ batch: inout RowBatch, _ source: RetrySource, to sink: inout some BatchSink & ~Copyable,
    storedBytes: Int, _ collector: inout EmbeddingCollector?
  ) throws {
    // The rule holds the run's id: what the target has is found by ids, never by an earlier retry's batch.
    let receipt = try deliver(
      &batch, key: Array(SHA256.hash(data: batchRule)), part: source.nextBatchNumber(), to: &sink,
      storedBytes: storedBytes, &collector)
    source.add(batch, refused: Set(receipt?.refusedSessions.keys.map { $0 } ?? []))
  }
}
