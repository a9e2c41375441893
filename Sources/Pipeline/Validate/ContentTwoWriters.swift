/// `content.two-writers`: an answer of the same bytes as the answer before it, a moment later.
///
/// Upstream had two writers for each answer, 51 to 108 ms apart. A user may well send a text twice.
enum ContentTwoWriters {
  static func isBroken(
    by text: TextDigest, at time: Timestamp, in session: SessionTurns, _ limits: ValidateSpec
  ) -> Bool {
    guard text.length > 0, let last = session.lastAnswer, last.text == text else { return false }
    let apart = abs(time.microseconds - last.time.microseconds)
    return apart <= Int64(limits.twoWritersMilliseconds) * 1_000
  }
}
