internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// How a run of the built program ended, with the report it left.
struct RunOutcome {
  let status: Int32
  let output: String
  let errors: String
  private let directory: TemporaryDirectory
  private let reportName: String

  /// The report is in `reportName` below the directory.
  init(
    _ ended: ConvoyProcess.Outcome, in directory: TemporaryDirectory, reportName: String = "report"
  ) {
    self.reportName = reportName
    status = ended.status
    output = ended.output
    errors = ended.errors
    self.directory = directory
  }

  /// report.json as it was written.
  var report: WrittenReport {
    get throws {
      try JSONDecoder().decode(
        WrittenReport.self, from: Data(directory.read("\(reportName)/report.json")))
    }
  }

  /// The lines of rejects.jsonl.
  var rejects: [WrittenReject] {
    get throws {
      // Without rejects there is no file of them.
      let path = "\(reportName)/rejects.jsonl"
      guard FileManager.default.fileExists(atPath: "\(directory.path)/\(path)") else { return [] }
      return try directory.read(path).split(separator: 0x0A).map {
        try JSONDecoder().decode(WrittenReject.self, from: Data($0))
      }
    }
  }

  /// Expects a finished run: its exit status, balanced counts, and as many rejects as the report says.
  @discardableResult
  func expect(
    _ status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> WrittenReport {
    #expect(
      self.status == status, "\(errors)\(output)", sourceLocation: sourceLocation)
    let report = try report
    #expect(report.schema == "convoy.report/1", sourceLocation: sourceLocation)
    #expect(report.balanced, sourceLocation: sourceLocation)
    for tally in [report.total] + report.inputs.map(\.tally) {
      #expect(tally.isBalanced, "\(tally)", sourceLocation: sourceLocation)
    }
    #expect(report.rejectLines == (try rejects.count), sourceLocation: sourceLocation)
    return report
  }
}

/// What the tests read of report.json.
struct WrittenReport: Decodable {
  struct Input: Decodable {
    var path: String
    var dialect: String?
    var bytes: Int
    var compressedBytes: Int?
    var tally: Tally
  }

  struct Finding: Decodable {
    struct Sample: Decodable {
      var input: String?
      var line: Int
      var byteOffset: Int
      var field: String?
      var message: String
    }

    var id: String
    var severity: String
    var total: Int
    var samples: [Sample]
  }

  struct Batches: Decodable {
    var total: Int
    var committed: Int
    var alreadyCommitted: Int
    var merged: Int
    var retries: Int
  }

  struct StageTime: Decodable {
    var stage: String
    var records: Int
    var seconds: Double
  }

  struct Plan: Decodable, Equatable {
    var file: String
    var asPredicted: Bool?
    var differences: [String]
  }

  var schema: String
  var mode: String
  var outcome: String
  var failure: String?
  var target: String
  var balanced: Bool
  var total: Tally
  var inputs: [Input]
  var rowsWritten: [String: Int]
  var stages: [StageTime]
  var findings: [Finding]
  var rejectLines: Int
  var strategy: String?
  var plan: Plan?
  var batches: Batches
  var bytesRead: Int
  var peakMemoryBytes: Int

  /// Findings of each rule that has any.
  var found: [String: Int] {
    Dictionary(uniqueKeysWithValues: findings.map { ($0.id, $0.total) })
  }

  /// Messages of the first findings of each rule that has any.
  var messages: [String: [String]] {
    Dictionary(uniqueKeysWithValues: findings.map { ($0.id, $0.samples.map(\.message)) })
  }
}

/// What the tests read of a line of rejects.jsonl.
struct WrittenReject: Decodable {
  struct Origin: Decodable {
    var piece: Int?
  }

  struct Dependents: Decodable {
    var messages: Int
  }

  var file: String
  var line: Int
  var byteOffset: Int
  var byteLength: Int
  var stage: String
  var rule: String
  var kind: String
  var field: String?
  var message: String
  var sqlstate: String?
  var constraint: String?
  var column: String?
  var text: String?
  var base64: Data?
  var origin: Origin?
  var dependents: Dependents?

  /// The record's own bytes.
  var bytes: [UInt8] { base64.map { [UInt8]($0) } ?? Array((text ?? "").utf8) }
}

extension Counts {
  /// Counts of which those not named are zero; `read` is the sum of the rest.
  static func of(
    inserted: Int = 0, updated: Int = 0, unchanged: Int = 0, merged: Int = 0, filtered: Int = 0,
    rejected: Int = 0
  ) -> Counts {
    var counts = Counts()
    counts.read = inserted + updated + unchanged + merged + filtered + rejected
    counts.inserted = inserted
    counts.updated = updated
    counts.unchanged = unchanged
    counts.merged = merged
    counts.filtered = filtered
    counts.rejected = rejected
    return counts
  }
}
