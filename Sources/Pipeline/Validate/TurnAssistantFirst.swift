/// `turn.assistant-first`: the first that is said in a session is an answer, so the question is lost.
enum TurnAssistantFirst {
  static func isBroken(by role: StoredRole, in session: SessionTurns) -> Bool {
    role == .assistant && !session.hasBegun
  }
}
