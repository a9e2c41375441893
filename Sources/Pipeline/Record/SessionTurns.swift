/// What the rules remember of a session while its messages pass.
struct SessionTurns {
  /// An answer that the same text may follow.
  struct Answer {
    var time: Timestamp
    var text: TextDigest
  }

  /// The session's own times, by which its messages' are judged.
  var created: Timestamp?
  var updated: Timestamp?
  /// Role of the message before.
  var lastRole: StoredRole?
  var lastTime: Timestamp?
  var lastAnswer: Answer?
  /// Whether anybody but the system has spoken.
  var hasBegun = false
  var userCount = 0
  var assistantCount = 0
  /// Whether the session's own fields hold a secret.
  var holdsSecret = false
  /// The message the rules refused last, which may have further rows.
  var refused: (index: Int, refusal: Refusal)?

  /// Notes that a message passed.
  mutating func pass(_ role: StoredRole, at time: Timestamp?) {
    lastRole = role
    if let time { lastTime = time }
    switch role {
    case .user:
      hasBegun = true
      userCount += 1
    case .assistant:
      hasBegun = true
      assistantCount += 1
    case .system: break
    }
  }
}
