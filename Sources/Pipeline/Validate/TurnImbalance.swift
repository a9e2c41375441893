/// `turn.imbalance`: user or assistant has more messages than alternation explains.
enum TurnImbalance {
  /// What is wrong with a session all of whose messages have passed.
  static func problem(_ session: SessionTurns, _ limits: ValidateSpec) -> String? {
    let difference = abs(session.userCount - session.assistantCount)
    guard difference > limits.roleDifferenceMessages else { return nil }
    return "\(session.userCount) messages of the user, \(session.assistantCount) of the assistant"
  }
}
