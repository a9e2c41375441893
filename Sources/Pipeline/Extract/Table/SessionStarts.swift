/// When the sessions of each user begin, where rows name none: at each user's first row, and at each that
/// comes more than the idle gap behind the one before it.
///
/// Memory: 16 bytes a session. A user is a hash of the name; two of one hash would cut each other's sessions
/// at moments of their own, and mix nothing.
struct SessionStarts: Sendable {
  struct Start: Sendable {
    var user: UInt64
    /// Microseconds since 1970.
    var time: Int64
  }

  private let starts: [Start]

  /// Takes them in any order.
  init(_ starts: consuming [Start]) {
    starts.sort { ($0.user, $0.time) < ($1.user, $1.time) }
    self.starts = starts
  }

  /// Number of sessions.
  var count: Int { starts.count }

  /// When the session began that a user's row of that time is of: the latest start not behind it, or, of a row
  /// before all of them, the first; nil of a user who has none.
  func start(user: UInt64, time: Int64) -> Int64? {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if (starts[middle].user, starts[middle].time) <= (user, time) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    if low > 0, starts[low - 1].user == user { return starts[low - 1].time }
    return low < starts.count && starts[low].user == user ? starts[low].time : nil
  }
}
