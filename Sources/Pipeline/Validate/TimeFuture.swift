/// `time.future`: a message later than the run that reads it.
enum TimeFuture {
  static func isBroken(by time: Timestamp, _ settings: RuleSettings) -> Bool {
    time > settings.latest
  }
}
