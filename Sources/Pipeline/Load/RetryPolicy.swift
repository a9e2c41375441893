internal import Foundation
internal import Postgres

/// Which failures pass by themselves, and how long to wait for that.
///
/// Codes are of PostgreSQL's Appendix A. Authentication, permission, data errors and a read-only server
/// are never tried again: the same would happen, and some servers lock out who knocks too often.
struct RetryPolicy: Sendable {
  /// Tries of one batch in all.
  var attemptLimit = 8
  /// First wait; each further one is twice as long, up to ``longestSeconds``.
  var firstSeconds = 0.1
  var longestSeconds = 10.0

  /// Whether trying again can help.
  static func isTransient(_ error: PostgresError) -> Bool {
    switch error.reason {
    case .connectionLost, .connect: return true
    case .connectionString, .client: return false
    case .server(let state):
      switch state.rawValue {
      case "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300", "23505":
        return true
      default: return state.conditionClass == "08"
      }
    }
  }

  /// Whether the connection is gone, or about to be: the server says so before it closes it.
  static func endsConnection(_ error: PostgresError) -> Bool {
    error.reason == .connectionLost || ["57P01", "57P02"].contains(error.sqlState?.rawValue)
  }

  /// Seconds before try number `attempt` + 1: doubled each time, with a random part so that workers that
  /// failed together do not come back together.
  func delay(after attempt: Int) -> Double {
    let doubled = firstSeconds * Double(1 << min(attempt - 1, 20))
    return min(doubled, longestSeconds) * Double.random(in: 0.5...1)
  }
}
