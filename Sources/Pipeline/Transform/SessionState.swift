/// What is known of a session while its messages pass; lives longer than a batch where a file does.
struct SessionState {
  var id: RowId
  var continuationId: [UInt8]
  /// Joined parts of its natural key, which its messages' keys begin with.
  var keyPrefix: [UInt8]
  var title: [UInt8]?
  /// The session's own creation time, as its source has it: part of ids, never inferred.
  var ownTime: Timestamp?
  /// Least of all times seen.
  var created: Timestamp?
  /// Greatest of all times seen.
  var updated: Timestamp?
  var order = MessageOrder()
  var accepted = 0
  var filtered = 0
  var rejected = 0
  /// Whether a batch before this one already holds its row.
  var isContinued = false

  /// Makes the state of a session none of whose messages has been seen.
  ///
  /// `family` is the dialect's; with `key`, the source's name for the conversation and its continuation id
  /// unless set otherwise, it is the natural key. `ownTime` is the creation time the source has for it.
  init(family: [UInt8], key: [UInt8], ownTime: Timestamp?, scheme: IdScheme) {
    keyPrefix = family + [0x1F] + key + [0x1F]
    id = RowId.make(
      scheme: scheme, milliseconds: ownTime?.milliseconds ?? 0,
      key: Array("session\u{1F}".utf8) + family + [0x1F] + key)
    continuationId = key
    self.ownTime = ownTime
  }

  mutating func widen(_ time: Timestamp) {
    created = created.map { min($0, time) } ?? time
    updated = updated.map { max($0, time) } ?? time
  }
}

/// Keeps the order of messages that the target can only sort by time.
///
/// A message at the time of the one before it gets one microsecond more; a step back is the source's own
/// word and stays.
struct MessageOrder {
  enum Step { case forward, tie, backward }

  private var own: Timestamp?
  private var stored: Timestamp?

  mutating func place(_ time: Timestamp) -> (time: Timestamp, step: Step) {
    guard let own, let stored else {
      self.own = time
      self.stored = time
      return (time, .forward)
    }
    if time >= own, time <= stored {
      let next = Timestamp(microseconds: stored.microseconds + 1)
      self.own = time
      self.stored = next
      return (next, .tie)
    }
    let step: Step = time < own ? .backward : .forward
    self.own = time
    self.stored = time
    return (time, step)
  }
}
