/// What the rows of a session's messages say of it: its id, and what their own are made of.
struct SessionIdentity {
  var id: RowId
  /// Joined parts of its natural key, which its messages' keys begin with.
  var keyPrefix: [UInt8]
  /// The session's own creation time, as its source has it: part of ids, never inferred.
  var ownTime: Timestamp?
}

/// What is known of a session while its messages pass; lives longer than a batch where a file does.
struct SessionState {
  var identity: SessionIdentity
  var continuationId: [UInt8]
  /// Whose it is; nil where the source does not say, and the pipeline does.
  var user: [UInt8]?
  var title: [UInt8]?
  /// Least of all times seen.
  var created: Timestamp?
  /// Greatest of all times seen.
  var updated: Timestamp?
  var order = MessageOrder()
  /// The last message's own time that had one.
  var dated: Timestamp?
  /// A time before that of the first message with one, for those in front of it.
  var ahead: Timestamp?
  /// Folded ids of its messages so far that brought one along.
  var rowIds: Set<UInt64> = []
  var turns = SessionTurns()
  var accepted = 0
  var filtered = 0
  var rejected = 0
  /// Index of the message rejected last, which may have further rows.
  var refusedIndex: Int?
  /// What the files lead to that it names itself, where these are attached.
  var files = Rare<MentionedFiles>.absent
  /// Whether a batch before this one already holds its row.
  var isContinued = false

  /// Makes the state of a session none of whose messages has been seen.
  ///
  /// `family` is the dialect's; with `key`, the source's name for the conversation and its continuation id
  /// unless set otherwise, it is the natural key. `ownTime` is the creation time the source has for it.
  init(family: [UInt8], key: [UInt8], ownTime: Timestamp?, scheme: IdScheme) {
    identity = SessionIdentity(
      id: RowId.make(
        scheme: scheme, milliseconds: ownTime?.milliseconds ?? 0,
        key: Array("session\u{1F}".utf8) + family + [0x1F] + key),
      keyPrefix: family + [0x1F] + key + [0x1F], ownTime: ownTime)
    continuationId = key
    // Rows of the product's own later tables keep their ids.
    if family.elementsEqual(MessagesDump.family.utf8), let own = RowId(uuid: key.span) {
      identity.id = own
    }
  }

  var id: RowId { identity.id }

  /// The time next to which a message without one belongs: another message's, or what the source says of the
  /// session; nil where it says nothing.
  var timeBeside: Timestamp? { dated ?? ahead ?? created }

  /// Whether all there was of it lies outside the times that are loaded.
  var isFiltered: Bool { accepted == 0 && filtered > 0 && rejected == 0 }

  /// Whether none of it can be loaded, for what is wrong with some of it.
  var isRejected: Bool { accepted == 0 && rejected > 0 }

  /// What a message changes of it, before it does.
  struct Moment {
    fileprivate var title: [UInt8]?
    fileprivate var created: Timestamp?
    fileprivate var updated: Timestamp?
    fileprivate var accepted: Int
    fileprivate var order: MessageOrder.Moment
  }

  /// The present moment, before a message.
  mutating func mark() -> Moment {
    Moment(
      title: title, created: created, updated: updated, accepted: accepted, order: order.mark())
  }

  /// Takes back what one message changed since `moment`.
  mutating func restore(_ moment: Moment) {
    (title, created, updated) = (moment.title, moment.created, moment.updated)
    accepted = moment.accepted
    order.restore(moment.order)
  }

  mutating func widen(_ time: Timestamp) {
    created = created.map { min($0, time) } ?? time
    updated = updated.map { max($0, time) } ?? time
  }
}

/// Keeps the order of messages that the target can only sort by time.
///
/// A message at a time that another of its session has gets one microsecond more, or as many as it takes
/// to stand alone; a step back is the source's own word and stays. Memory: eight bytes a message, and some
/// fifty in a session whose clock stepped back.
struct MessageOrder {
  enum Step { case forward, tie, backward }

  private var own: Timestamp?
  private var latest = Timestamp(microseconds: .min)
  private var stored: [Int64] = []
  /// In place of `stored`, once a step back has made it necessary to look times up.
  private var taken: Set<Int64> = []
  /// The last time stored for a message whose own time this was; for ties far apart.
  private var lastOfOwn: [Int64: Int64] = [:]
  private var hasSteppedBack = false
  /// The time stored last, whose it is, and what was known of that before.
  private var last: (stored: Int64, own: Int64, former: Int64?)?

  /// Enough of it to take one message back.
  struct Moment {
    fileprivate var own: Timestamp?
    fileprivate var latest: Timestamp
  }

  /// The present moment, before a message.
  mutating func mark() -> Moment {
    last = nil
    return Moment(own: own, latest: latest)
  }

  /// Takes back the one message placed since `moment`, if there was one.
  mutating func restore(_ moment: Moment) {
    (own, latest) = (moment.own, moment.latest)
    guard let placed = last.take() else { return }
    guard hasSteppedBack else {
      stored.removeLast()
      return
    }
    taken.remove(placed.stored)
    lastOfOwn[placed.own] = placed.former
  }

  mutating func place(_ time: Timestamp) -> (time: Timestamp, step: Step) {
    let previous = own
    own = time
    if time > latest {
      keep(time, of: time)
      return (time, .forward)
    }
    if !hasSteppedBack, let previous, time >= previous {
      // Still in the run of ties that ends with the latest time of all.
      let next = Timestamp(microseconds: latest.microseconds + 1)
      keep(next, of: time)
      return (next, .tie)
    }
    stepBack()
    var free = max(time.microseconds, (lastOfOwn[time.microseconds] ?? .min / 2) + 1)
    while taken.contains(free) { free += 1 }
    let isBackward = previous.map { time < $0 } ?? false
    keep(Timestamp(microseconds: free), of: time)
    if free != time.microseconds { return (Timestamp(microseconds: free), .tie) }
    return (time, isBackward ? .backward : .forward)
  }

  /// Keeps the place of a message that is rejected now and may be loaded later.
  ///
  /// What comes next is judged as if the message were not there.
  mutating func reserve(_ time: Timestamp) -> Timestamp {
    let previous = own
    stepBack()
    let placed = place(time).time
    own = previous
    return placed
  }

  private mutating func stepBack() {
    guard !hasSteppedBack else { return }
    hasSteppedBack = true
    taken = Set(stored)
    stored = []
  }

  private mutating func keep(_ time: Timestamp, of own: Timestamp) {
    latest = max(latest, time)
    guard hasSteppedBack else {
      stored.append(time.microseconds)
      last = (time.microseconds, own.microseconds, nil)
      return
    }
    taken.insert(time.microseconds)
    let former = lastOfOwn.updateValue(time.microseconds, forKey: own.microseconds)
    last = (time.microseconds, own.microseconds, former)
  }
}
