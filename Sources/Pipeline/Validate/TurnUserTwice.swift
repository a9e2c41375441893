/// `turn.user-twice`: the user speaks and nobody answers before the user speaks again.
///
/// Upstream lost answers so, when a second writer or a removal of duplicates took them away.
enum TurnUserTwice {
  static func isBroken(by role: StoredRole, in session: SessionTurns) -> Bool {
    role == .user && session.lastRole == .user
  }
}
