internal import Archive

extension RunTotals {
  /// Counts and keeps a reject that is a file, or a line about one.
  ///
  /// - Throws: ``RunError`` when it cannot be written.
  func refuseFile(_ reject: Reject, in file: RejectFile) throws(RunError) {
    try RunError.onFiles { () throws(FileError) in try file.append([reject]) }
    update { sums in
      let input = Int(reject.place.input)
      sums.tallies[input].files.read += 1
      sums.tallies[input].files.rejected += 1
      sums.count(reject)
    }
  }
}

extension RunTotals.Sums {
  /// Counts the claims of a group, given by their inputs: the first as the row's outcome, the others as part
  /// of it.
  mutating func count(
    _ inputs: [Int], as outcome: WritableKeyPath<Counts, Int>,
    others: WritableKeyPath<Counts, Int> = \.merged
  ) {
    for (position, input) in inputs.enumerated() {
      tallies[input].files.read += 1
      tallies[input].files[keyPath: position == 0 ? outcome : others] += 1
    }
  }

  /// Counts a reject, but for its tally.
  mutating func count(_ reject: Reject) {
    records += 1
    rejectLines += 1
    clusters.add(reject)
    findings.note(reject.rule, at: reject.place, field: reject.field, reject.message)
  }
}
