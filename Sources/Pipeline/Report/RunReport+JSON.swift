public import Archive

extension RunReport {
  /// The report as JSON of schema `convoy.report/1`: keys in a fixed order, one line end at the end.
  public func json() -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("schema", "convoy.report/1")
      writer.member("version", version)
      writer.next("pipeline")
      writer.object(inline: true) { writer in
        writer.member("name", pipelineName)
        writer.member("file", pipelineFile)
      }
      writer.member("mode", mode.rawValue)
      writer.member("outcome", outcome.rawValue)
      writer.member("failure", failure)
      write(verdict: &writer)
      writer.member("target", target)
      writer.member("startedAt", startedAt)
      writer.member("finishedAt", finishedAt)
      writer.member("balanced", isBalanced)
      writer.next("total")
      writer.object { $0.members(of: total) }
      writer.next("inputs")
      writer.array { writer in
        for (index, input) in inputs.enumerated() { writer.element(input, findings(of: index)) }
      }
      writer.next("rowsWritten")
      writer.object(inline: true) { writer in
        for table in rowsWritten { writer.member(table.table, table.rows) }
      }
      write(stages: &writer)
      write(findings: &writer)
      write(clusters: &writer)
      write(contents: &writer)
      write(mapping: &writer)
      write(files: &writer)
      write(estimate: &writer)
      write(previous: &writer)
      writer.member("rejectLines", rejectLines)
      write(batches: &writer)
      write(plan: &writer)
      write(measures: &writer)
    }
    writer.put("\n")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Writes `report.html` and `report.json`, each of which appears whole or not at all, and makes the
  /// directory if missing.
  /// - Parameter directory: a former report there is replaced.
  /// - Throws: ``FileError``.
  public func write(to directory: ReportDirectory) throws(FileError) {
    try directory.create()
    // What programs wait for comes last: where it is, the page is too.
    try Self.write(page(), to: directory.pagePath)
    try Self.write(Array(json().utf8), to: directory.reportPath)
  }

  /// Writes the report for CI systems.
  /// - Parameter path: a file there is replaced.
  /// - Throws: ``FileError``.
  public func writeJUnit(to path: String) throws(FileError) {
    try Self.write(junit(), to: path)
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    var file = try OutputFile(path: path)
    try file.write(bytes.span)
    try file.finish()
  }

  private func write(stages writer: inout JSONWriter) {
    writer.next("stages")
    writer.array { writer in
      for stage in Stage.allCases {
        writer.next()
        writer.object(inline: true) { writer in
          writer.member("stage", stage.rawValue)
          writer.member("records", stages[stage].records)
          writer.member("seconds", stages[stage].seconds)
        }
      }
    }
  }

  private func write(findings writer: inout JSONWriter) {
    writer.next("findings")
    writer.array { writer in
      for (rule, total, samples) in rankedFindings {
        writer.next()
        writer.object { writer in
          writer.member("id", rule.rawValue)
          writer.member("severity", rules.severity(of: rule).rawValue)
          writer.member("title", rule.title)
          writer.member("advice", rule.advice)
          writer.member("pipelineKey", rule.pipelineKey)
          writer.member("total", total)
          writer.member("sampleLimit", findings.sampleLimit)
          writer.next("samples")
          writer.array { writer in
            for sample in samples { write(sample, &writer) }
          }
        }
      }
    }
  }

  private func write(_ sample: Finding, _ writer: inout JSONWriter) {
    writer.next()
    writer.object(inline: true) { writer in
      writer.member("input", inputPath(of: sample.place))
      writer.member("line", sample.place.line)
      writer.member("byteOffset", sample.place.byteOffset)
      writer.member("field", sample.field)
      writer.member("message", sample.message)
    }
  }

  private func write(batches writer: inout JSONWriter) {
    writer.next("batches")
    writer.object(inline: true) { writer in
      writer.member("total", batches.total)
      writer.member("committed", batches.committed)
      writer.member("alreadyCommitted", batches.alreadyCommitted)
      writer.member("merged", batches.merged)
      writer.member("retries", batches.retries)
    }
  }

  private func write(plan writer: inout JSONWriter) {
    writer.next("plan")
    guard let plan else {
      writer.put("null")
      return
    }
    writer.object { writer in
      writer.member("file", plan.file)
      writer.next("asPredicted")
      writer.put(plan.isAsPredicted.map { $0 ? "true" : "false" } ?? "null")
      writer.next("differences")
      writer.array { writer in
        for difference in plan.differences ?? [] {
          writer.next()
          writer.quoted(difference)
        }
      }
    }
  }

  private func write(measures writer: inout JSONWriter) {
    writer.member("seconds", seconds)
    writer.member("bytesRead", bytesRead)
    writer.member("rowsPerSecond", rowsPerSecond)
    writer.member("bytesPerSecond", bytesPerSecond)
    writer.member("peakMemoryBytes", peakMemoryBytes)
    writer.member("strategy", strategy?.rawValue)
    writer.member("workers", workers)
    writer.member("batchBytes", batchBytes)
    writer.member("batchRows", batchRows)
  }
}

extension JSONWriter {
  fileprivate mutating func element(
    _ input: RunReport.Input, _ findings: [(severity: Severity, count: Int)]
  ) {
    next()
    object { writer in
      writer.member("path", input.path)
      writer.member("dialect", input.dialect)
      writer.member("bytes", input.bytes)
      writer.member("compressedBytes", input.compressedBytes)
      writer.next("tally")
      writer.object { $0.members(of: input.tally) }
      writer.next("findings")
      writer.object(inline: true) { writer in
        for (severity, count) in findings { writer.member(severity.rawValue, count) }
      }
    }
  }

  fileprivate mutating func members(of tally: Tally) {
    for (kind, counts) in tally.kinds {
      next(kind)
      object(inline: true) { writer in
        for (name, value) in counts.columns { writer.member(name, value) }
      }
    }
  }
}
