internal import Archive

/// What runs of every kind report alike.
extension RunReport {
  /// Takes over what a run has counted.
  mutating func take(_ sums: RunTotals.Sums) {
    findings = sums.findings
    clusters = sums.clusters
    stages = sums.stages
    batches = sums.batches
    rejectLines = sums.rejectLines
    bytesRead = sums.storedBytes
    peakMemoryBytes = PeakMemory.residentBytes()
  }

  /// The report with its outcome, for which everything else in it has been set; counts that do not balance fail
  /// the run.
  func concluded(by ending: RunError?) -> RunResult {
    var failure = ending
    if failure == nil, !isBalanced {
      failure = RunError(
        .failed,
        "the counts do not balance: " + imbalances.map(\.description).joined(separator: "; "))
    }
    var report = self
    report.conclude(failure)
    return RunResult(report: report, failure: failure)
  }

  private mutating func conclude(_ failure: RunError?) {
    if let failure {
      self.failure = failure.message
      outcome =
        switch failure.kind {
        case .interrupted: .interrupted
        case .overBudget: .overBudget
        default: .failed
        }
    } else if rejectLines > 0 || findingCount(.error) > 0 {
      outcome = .rejects
    }
  }
}

/// A report directory from a run's beginning to its end.
extension ReportDirectory {
  /// The report that is about to be replaced, if it is one of the pipeline.
  func previousReport(of pipeline: String) -> PreviousReport? {
    let previous = PreviousReport.read(reportPath)
    return previous?.pipeline.name == pipeline ? previous : nil
  }

  /// Makes the directory and removes the report that is in it.
  ///
  /// - Returns: where rejects go.
  func begin() throws(RunError) -> RejectFile {
    try RunError.onFiles { () throws(FileError) in
      try create()
      try removeReport()
      return try RejectFile(in: self)
    }
  }

  /// Writes the report, and one for CI systems if `junitPath` says where; empty stands for beside the report.
  func write(_ report: RunReport, junitPath: String?) throws(RunError) {
    try RunError.onFiles { () throws(FileError) in
      try report.write(to: self)
      if let junitPath {
        try report.writeJUnit(to: junitPath.isEmpty ? self.junitPath : junitPath)
      }
    }
  }
}
