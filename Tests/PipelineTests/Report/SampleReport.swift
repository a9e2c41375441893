internal import FoundationEssentials

@testable internal import Pipeline

/// Reports the tests of this folder start from.
enum SampleReport {
  /// Two inputs, three workers, everything new.
  static func clean(mode: RunReport.Mode = .load) -> RunReport {
    var report = RunReport(
      version: "0.1.0", pipelineName: "threads", pipelineFile: "pipelines/threads.yaml",
      mode: mode, outcome: .done, target: "postgresql://loader@db/app",
      startedAt: "2026-01-02T03:04:05.000Z", finishedAt: "2026-01-02T03:04:11.200Z")
    report.seconds = 6.2
    var first = RunReport.Input(
      path: "a.jsonl", dialect: "thread", bytes: 3100, compressedBytes: 900)
    first.tally.sessions = counts(read: 2, inserted: 2)
    first.tally.messages = counts(read: 9, inserted: 7, merged: 2)
    var second = RunReport.Input(path: "b.jsonl", dialect: nil, bytes: 6200)
    second.tally.sessions = counts(read: 1, inserted: 1)
    second.tally.messages = counts(read: 3, inserted: 3)
    report.inputs = [first, second]
    report.rowsWritten = [
      .init(table: "exai_sessions", rows: 3), .init(table: "exai_messages", rows: 10),
    ]
    for (stage, nanoseconds) in zip(
      Stage.allCases, [1_200_000_000, 450_000_000, 9_000_000, 4_000_000_000] as [Int64])
    {
      report.stages[stage] = .init()
      report.stages[stage].records = 12
      report.stages[stage].nanoseconds = nanoseconds
    }
    report.batches.total = 2
    report.batches.committed = 2
    report.bytesRead = 7100
    report.peakMemoryBytes = 96 * 1_048_576
    report.strategy = .online
    report.workers = 3
    report.batchBytes = 4_194_304
    report.batchRows = 20_000
    return report
  }

  /// As ``clean(mode:)``, with one rejected message in the second input.
  static func rejects(mode: RunReport.Mode = .load) -> RunReport {
    var report = clean(mode: mode)
    report.outcome = .rejects
    report.inputs[1].tally.messages = counts(read: 4, inserted: 3, rejected: 1)
    report.rejectLines = 1
    report.findings.note(
      .roleMissing, at: Place(input: 1, line: 3, byteOffset: 4100, byteLength: 40), field: "role",
      "turn 3 has no role")
    return report
  }

  /// A rejected message of a role nobody knows.
  static func reject(role: String) -> Reject {
    var reject = Reject(
      kind: .message, input: "a.jsonl",
      place: Place(input: 0, line: 7, byteOffset: 90, byteLength: 9), stage: .transform,
      rule: .roleUnknown, field: "turns[3].role", message: "unknown role \(role.debugDescription)",
      bytes: [])
    reject.value = ValueShape(.text, pattern: role)
    return reject
  }

  static func counts(
    read: Int, inserted: Int = 0, updated: Int = 0, unchanged: Int = 0, merged: Int = 0,
    filtered: Int = 0, rejected: Int = 0
  ) -> Counts {
    var counts = Counts()
    counts.read = read
    counts.inserted = inserted
    counts.updated = updated
    counts.unchanged = unchanged
    counts.merged = merged
    counts.filtered = filtered
    counts.rejected = rejected
    return counts
  }
}

/// A directory that goes with the value.
struct ReportScratch: ~Copyable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/report-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  var directory: ReportDirectory { ReportDirectory(path: path + "/out/run") }

  deinit {
    // A directory left behind in the temporary one harms no test.
    try? FileManager.default.removeItem(atPath: path)
  }
}
