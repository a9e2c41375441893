internal import Archive

extension FileStoring {
  /// Hashes files.
  ///
  /// - Returns: the contents by the index of the file; nil for those that were rejected.
  /// - Throws: ``RunError``, of kind `interrupted` too.
  func hash(_ claims: FileClaims, workers: Int) async throws -> [HashedContent?] {
    let start = ContinuousClock.now
    let results = HashedFiles()
    let cache = HashCache(in: state, isKept: !isDryRun)
    let summary = try await HashRun(
      .found(claims.files.map(\.path)), workers: workers, withChunks: false,
      withSums: !isDryRun, cache: cache, stop: stop
    ).run { batch in results.add(batch) }
    let (contents, problems) = results.all
    for claim in claims.claims {
      guard let problem = problems[claim.file] else { continue }
      try totals.refuseFile(
        Reject(
          kind: .file, input: claim.path, place: claim.place, stage: .extract, rule: problem.rule,
          message: problem.message, bytes: []), in: rejects)
    }
    let nanoseconds = StageClock.nanoseconds(since: start)
    totals.update { sums in
      sums.storedBytes += summary.bytesRead
      sums.stages[.extract].nanoseconds += nanoseconds
      sums.stages[.extract].records += claims.claims.count
    }
    return contents
  }
}
