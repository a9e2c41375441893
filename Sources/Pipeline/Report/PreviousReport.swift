internal import Archive
internal import Foundation

/// What the report before this one said, as far as this one is compared with it.
struct PreviousReport: Sendable, Decodable {
  struct Pipeline: Sendable, Decodable { var name: String }

  struct Finding: Sendable, Decodable {
    var id: String
    var severity: String
    var total: Int
  }

  var pipeline: Pipeline
  var mode: String
  var outcome: String
  var target: String
  var startedAt: String
  var total: Tally
  var findings: [Finding]
  var rejectLines: Int

  /// The largest report that is read; one of a hundred thousand inputs is smaller.
  private static let sizeLimitBytes = 128 << 20

  /// Reads the report of an earlier run.
  ///
  /// - Parameter path: a `report.json`.
  /// - Returns: nil where there is none that can be read: a comparison is not what a run is for.
  static func read(_ path: String) -> PreviousReport? {
    // A missing, foreign or damaged report is no reason not to run.
    guard let data = try? bytes(of: path) else { return nil }
    return try? JSONDecoder().decode(PreviousReport.self, from: data)
  }

  private static func bytes(of path: String) throws -> Data {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    let data = try file.read(upToCount: sizeLimitBytes + 1) ?? Data()
    return data.count > sizeLimitBytes ? Data() : data
  }
}

/// One number of two reports.
struct ReportDifference: Sendable {
  /// What is counted, such as `messages rejected` or a rule.
  var name: String
  var before: Int
  var after: Int
}

extension RunReport {
  /// Counts that are not what they were, kinds first, then rules; empty where nothing changed.
  var differences: [ReportDifference] {
    guard let previous else { return [] }
    var found: [ReportDifference] = []
    for (old, new) in zip(previous.total.kinds, total.kinds) {
      for (before, after) in zip(old.counts.columns, new.counts.columns)
      where before.value != after.value {
        found.append(
          .init(name: "\(old.name) \(before.name)", before: before.value, after: after.value))
      }
    }
    var before: [String: Int] = [:]
    for finding in previous.findings { before[finding.id, default: 0] += finding.total }
    for rule in Rule.allCases {
      let (old, new) = (before.removeValue(forKey: rule.rawValue) ?? 0, findings.total(rule))
      if old != new { found.append(.init(name: rule.rawValue, before: old, after: new)) }
    }
    // Rules of another version of convoy.
    for (id, total) in before.sorted(by: { $0.key < $1.key }) {
      found.append(.init(name: id, before: total, after: 0))
    }
    return found
  }
}
