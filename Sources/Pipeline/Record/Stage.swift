/// A part of the work on a batch, in the order a record passes through them.
public enum Stage: String, Sendable, Codable, CaseIterable {
  /// Reading, inflating, splitting and parsing.
  case extract
  /// Mapping to sessions and messages, ids and text included.
  case transform
  /// Checking against the rules.
  case validate
  /// Encoding, copying and committing; in a dry run, counting.
  case load
}

/// Records and time of each stage, summed over the workers.
public struct StageTotals: Sendable, Hashable {
  /// What one stage did.
  public struct Entry: Sendable, Hashable {
    /// Records that reached the stage.
    public var records = 0
    /// Time spent in it; more than the run took when several workers were at it.
    public var nanoseconds: Int64 = 0

    /// The time in seconds.
    public var seconds: Double { Double(nanoseconds) / 1e9 }
  }

  private var extract = Entry()
  private var transform = Entry()
  private var validate = Entry()
  private var load = Entry()

  /// Makes totals of nothing.
  public init() {}

  /// What one stage did.
  public subscript(stage: Stage) -> Entry {
    get {
      switch stage {
      case .extract: extract
      case .transform: transform
      case .validate: validate
      case .load: load
      }
    }
    set {
      switch stage {
      case .extract: extract = newValue
      case .transform: transform = newValue
      case .validate: validate = newValue
      case .load: load = newValue
      }
    }
  }

  /// Adds records and time of each stage of `other`.
  public static func += (left: inout StageTotals, right: StageTotals) {
    for stage in Stage.allCases {
      left[stage].records += right[stage].records
      left[stage].nanoseconds += right[stage].nanoseconds
    }
  }
}
