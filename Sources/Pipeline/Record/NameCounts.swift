/// How often each name occurs in a run.
///
/// Names are told apart in the order they are met, ``limit`` of them; one that is, is so from its first
/// mention on, and its count exact. All further names share one count.
struct NameCounts: Sendable {
  static let limit = 1000

  private(set) var counts: [[UInt8]: Int] = [:]
  /// Mentions without a name.
  private(set) var absent = 0
  /// Mentions of names that are not told apart.
  private(set) var others = 0
  /// False where some mentions of a name that is told apart may be among `others`.
  private(set) var isExact = true

  /// Adds a batch's names, each as `spelled`, which may give nil for a name that is none.
  mutating func add(_ tally: NameTally, spelled: ([UInt8]) -> [UInt8]? = { $0 }) {
    absent += tally.absent
    others += tally.others
    if tally.isOverfull { isExact = false }
    tally.forEach { name, count in
      guard let name = spelled(name) else {
        absent += count
        return
      }
      if counts[name] != nil || counts.count < Self.limit {
        counts[name, default: 0] += count
      } else {
        others += count
      }
    }
  }

  /// Forgets a name and its mentions.
  mutating func remove(_ name: String) { counts[Array(name.utf8)] = nil }

  /// All mentions.
  var total: Int { absent + others + counts.values.reduce(0, +) }

  /// Different names told apart.
  var nameCount: Int { counts.count }

  /// Names and their mentions, the most frequent first; bytes that are no text are replaced.
  var ranked: [(name: String, count: Int)] {
    counts.map { (name: String(decoding: $0.key, as: UTF8.self), count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }
}
