/// How long a load of what a dry run has read would take, and what that is reckoned from.
struct LoadEstimate: Sendable {
  /// Where the rate was measured.
  enum Basis: Sendable, Equatable {
    /// By earlier loads into this target, as its ledger has them.
    case earlierLoads(Int)
    /// By the dry run itself, which is the most a load could reach: it stores nothing.
    case dryRun
  }

  /// What the ledger remembers of earlier loads.
  struct Rate: Sendable {
    /// Rows that are too few to tell how fast many are.
    static let leastRows = 10_000

    var runs = 0
    var rows = 0
    var seconds = 0.0
  }

  var basis: Basis
  var rows: Int
  var rowsPerSecond: Double

  var seconds: Double { Double(rows) / rowsPerSecond }

  /// What the rate is, in words for a person.
  var basisText: String {
    switch basis {
    case .earlierLoads(let count):
      "at the rate of \(Quantity.counted(count, "earlier load")) into this target"
    case .dryRun:
      "at the rate of this dry run, which stores nothing: expect a load to take longer"
    }
  }

  /// Nil where there is nothing to load or no rate.
  init?(of report: RunReport, earlier: Rate?) {
    rows = report.total.kinds.reduce(0) { $0 + $1.counts.inserted + $1.counts.updated }
    guard report.mode == .dryRun, rows > 0 else { return nil }
    if let earlier, earlier.rows >= Rate.leastRows, earlier.seconds > 0 {
      basis = .earlierLoads(earlier.runs)
      rowsPerSecond = Double(earlier.rows) / earlier.seconds
    } else {
      basis = .dryRun
      rowsPerSecond = report.rowsPerSecond
    }
    guard rowsPerSecond > 0 else { return nil }
  }
}
