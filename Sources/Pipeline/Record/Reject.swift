/// A record that is not loaded, kept whole so that it can be mended and loaded later.
public struct Reject: Sendable, Hashable {
  /// What the record would have become.
  public enum Kind: String, Sendable, Codable {
    /// A session with all its messages.
    case session
    /// One message; the rest of its session loads.
    case message
    /// A whole input that could not be used, or a file to be stored.
    case file
  }

  /// What the record would have become.
  public var kind: Kind
  /// Path of the input, as the plan names it.
  public var input: String
  /// Where in the input; a reject read back has input index -1, which only its own run knew.
  public var place: Place
  /// The stage that refused it.
  public var stage: Stage
  /// The rule it broke.
  public var rule: Rule
  /// The source field at fault, when it is one.
  public var field: String?
  /// What is wrong, in words for a person.
  public var message: String
  /// The record exactly as found; empty where it could not be read or kept.
  public var bytes: [UInt8]
  /// SQLSTATE, when the target refused the row.
  public var sqlState: String?
  /// The constraint the target named.
  public var constraint: String?
  /// The column the target named.
  public var column: String?
  /// Messages not loaded because this session was not; they have no rejects of their own.
  public var dependentMessages: Int?
  /// What stood where something else should; only for the run that rejects it.
  var value: ValueShape?
  /// What else its row depends on; nil in lines of the first version of convoy.
  var origin: RejectOrigin?

  /// Whether it is more of a record that begins in a line before.
  var isFurtherPiece: Bool { (origin?.piece ?? 0) > 0 }

  /// Makes a reject; what the target said about it is set afterwards.
  public init(
    kind: Kind, input: String, place: Place, stage: Stage, rule: Rule, field: String? = nil,
    message: String, bytes: [UInt8]
  ) {
    self.kind = kind
    self.input = input
    self.place = place
    self.stage = stage
    self.rule = rule
    self.field = field
    self.message = message
    self.bytes = bytes
  }
}
