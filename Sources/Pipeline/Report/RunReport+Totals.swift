internal import FoundationEssentials

/// What follows from the report's numbers.
extension RunReport {
  /// A kind of record whose counts do not add up in an input.
  public struct Imbalance: Sendable, Hashable, CustomStringConvertible {
    /// Path of the input.
    public var input: String
    /// `sessions`, `messages` or `files`.
    public var kind: String
    /// Records found.
    public var read: Int
    /// Records with an outcome.
    public var accountedFor: Int

    /// Input, kind and both numbers.
    public var description: String {
      "\(input): \(read) \(kind) read, \(accountedFor) accounted for"
    }
  }

  /// What became of the records of all inputs.
  public var total: Tally {
    inputs.reduce(into: Tally()) { $0 += $1.tally }
  }

  /// Kinds of record that the run is about.
  var shownKinds: [(name: String, counts: Counts)] {
    let isOfFiles = files != nil && total.sessions.read == 0 && total.messages.read == 0
    return total.kinds.filter { kind in
      kind.name == "files" ? isOfFiles || kind.counts.read > 0 : !isOfFiles
    }
  }

  /// Every place where `read` is not the sum of the outcomes; a run with any has failed.
  public var imbalances: [Imbalance] {
    inputs.flatMap { input in
      input.tally.kinds.filter { !$0.counts.isBalanced }.map { kind, counts in
        Imbalance(
          input: input.path, kind: kind, read: counts.read, accountedFor: counts.accountedFor)
      }
    }
  }

  /// Whether `read` is the sum of the outcomes for each kind in each input, and so in total.
  public var isBalanced: Bool { imbalances.isEmpty }

  /// Rows of the target this run wrote or found there, or in a dry run would have.
  public var rows: Int {
    total.kinds.reduce(0) { $0 + $1.counts.inserted + $1.counts.updated + $1.counts.unchanged }
  }

  /// ``rows`` per second of the whole run; 0 when no time passed.
  public var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }

  /// Bytes read per second of the whole run; 0 when no time passed.
  public var bytesPerSecond: Double { seconds > 0 ? Double(bytesRead) / seconds : 0 }

  /// The present time as the report writes it: RFC 3339, UTC, milliseconds.
  public static func timestamp() -> String {
    Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(Date.now)
  }

  /// Rules with findings: errors first, within a severity the most frequent first.
  var rankedFindings: [(rule: Rule, total: Int, samples: [Finding])] {
    Rule.allCases
      .map { ($0, findings.total($0), findings.samples[$0.index]) }
      .filter { $0.1 > 0 }
      .sorted { left, right in
        let ranks = (rules.severity(of: left.0).rank, rules.severity(of: right.0).rank)
        guard ranks.0 == ranks.1 else { return ranks.0 > ranks.1 }
        guard left.1 == right.1 else { return left.1 > right.1 }
        return left.0.index < right.0.index
      }
      .map { rule, total, samples in
        // Workers finish in any order; the report is to read the same each time.
        (rule, total, samples.sorted { $0.place.isBefore($1.place) })
      }
  }

  /// Findings of each severity in an input, the worst first.
  func findings(of input: Int) -> [(severity: Severity, count: Int)] {
    let counts = findings.inputs.counts(input)
    return Severity.allCases.reversed().map { severity in
      (severity, counts.reduce(0) { $0 + (rules.severity(of: $1.rule) == severity ? $1.count : 0) })
    }
  }

  /// Path of the input a place is in; nil for a place in none of them.
  func inputPath(of place: Place) -> String? {
    let index = Int(place.input)
    return inputs.indices.contains(index) ? inputs[index].path : nil
  }
}

extension Tally {
  /// The three kinds under the names reports use.
  var kinds: [(name: String, counts: Counts)] {
    [("sessions", sessions), ("messages", messages), ("files", files)]
  }
}

extension Counts {
  /// Records with an outcome.
  var accountedFor: Int { inserted + updated + unchanged + merged + filtered + rejected }

  /// The counts under the names reports use.
  var columns: [(name: String, value: Int)] {
    [
      ("read", read), ("inserted", inserted), ("updated", updated), ("unchanged", unchanged),
      ("merged", merged), ("filtered", filtered), ("rejected", rejected),
    ]
  }
}

extension Severity {
  fileprivate var rank: Int {
    switch self {
    case .info: 0
    case .warning: 1
    case .error: 2
    }
  }
}
