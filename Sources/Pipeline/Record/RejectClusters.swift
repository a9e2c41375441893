/// Rejects that have one thing wrong with them.
struct RejectCluster: Sendable {
  /// What they have in common.
  struct Shape: Hashable, Sendable {
    var rule: Rule
    var kind: Reject.Kind
    /// The field at fault, without the numbers of its message.
    var field: String?
    var sqlState: String?
    var constraint: String?
    var column: String?
    var value: ValueShape?
  }

  /// One of them, the first in the order of the inputs.
  struct Example: Sendable {
    var input: String
    var place: Place
    var message: String
  }

  var shape: Shape
  var total = 0
  /// Messages not loaded because their sessions are among these.
  var dependentMessages = 0
  var example: Example
}

/// All rejects of a run by what is wrong with them; exact, up to ``limit`` shapes, the rest together.
struct RejectClusters: Sendable {
  static let limit = 200

  private(set) var total = 0
  /// Rejects of shapes met when there were ``limit`` already.
  private(set) var others = 0
  private var clusters: [RejectCluster] = []
  private var numbers: [RejectCluster.Shape: Int] = [:]

  mutating func add(_ reject: Reject) {
    // A record in several pieces is one.
    let count = reject.isFurtherPiece ? 0 : 1
    total += count
    let shape = RejectCluster.Shape(
      rule: reject.rule, kind: reject.kind, field: reject.field.map(Self.withoutNumbers),
      sqlState: reject.sqlState, constraint: reject.constraint, column: reject.column,
      value: reject.value)
    let example = RejectCluster.Example(
      input: reject.input, place: reject.place, message: reject.message)
    guard let number = numbers[shape] else {
      guard clusters.count < Self.limit else {
        others += count
        return
      }
      numbers[shape] = clusters.count
      clusters.append(
        RejectCluster(
          shape: shape, total: count, dependentMessages: reject.dependentMessages ?? 0,
          example: example))
      return
    }
    clusters[number].total += count
    clusters[number].dependentMessages += reject.dependentMessages ?? 0
    // Workers finish in any order; the example is to be the same each time.
    if reject.place.isBefore(clusters[number].example.place) { clusters[number].example = example }
  }

  /// The largest first.
  var ranked: [RejectCluster] {
    clusters.sorted { left, right in
      guard left.total == right.total else { return left.total > right.total }
      return left.example.place.isBefore(right.example.place)
    }
  }

  /// `turns[].role` of `turns[17].role`.
  private static func withoutNumbers(_ field: String) -> String {
    var result = ""
    var isInside = false
    for character in field {
      if character == "]" { isInside = false }
      if !isInside || !character.isNumber { result.append(character) }
      if character == "[" { isInside = true }
    }
    return result
  }
}

extension Place {
  /// Whether it comes first in the order of the inputs.
  func isBefore(_ other: Place) -> Bool {
    (input, byteOffset) < (other.input, other.byteOffset)
  }
}
