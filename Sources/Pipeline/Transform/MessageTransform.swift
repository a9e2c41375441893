/// What the pipeline settled of a message; the rest stays in its draft.
struct PreparedMessage {
  var role = StoredRole.user
  /// The source's word for the role, when it is not the stored one.
  var sourceRole: JSONValue?
  /// When it was said by its own account; nil where the source is silent.
  var time: Timestamp?
  /// The source's time where the message is refused before it has one of its own.
  var claimedTime: Timestamp?
  /// What is stored: `time`, moved by the tie rule, or the column's default.
  var created: Timestamp?
  /// Whether the stored time is not what the source wrote, to the microsecond.
  var isTimeChanged = false
  /// The store in whose zone its time was read, where it was written without one.
  var clock: SourceFormat?
  /// Whether it was moved because another message of the session has the time.
  var isTimeMoved = false
  var isFiltered = false
  /// Whether its source holds a secret.
  var holdsSecret = false
  /// Where the user's own text is in the content, where the rest of that goes to metadata only.
  var ownText = Rare<Range<Int>>.absent
  /// What the files it names lead to, where these are attached.
  var files = Rare<MentionedFiles>.absent
  var rareRefusal = Rare<Refusal>.absent

  /// Why there can be no row of it.
  var refusal: Refusal? {
    get { rareRefusal.value }
    set { rareRefusal = Rare(newValue) }
  }

  var isRefused: Bool { !rareRefusal.isAbsent }

  /// Whether it will stand at a time of its own.
  var isDated: Bool { time != nil && !isFiltered && !isRefused }
}

extension TransformPlan {
  /// Is told of something noteworthy: rule, field and, made only if it is kept, what there is to say.
  typealias Note = (Rule, String, @autoclosure () -> String) -> Void

  /// Settles role and time; what cannot be settled is the message's refusal.
  ///
  /// The fields are a draft's, one by one: lending the whole draft would copy it. `content` is asked for of the
  /// first row of a message only, and `refusal` is what the dialect, `format`, found. `note` is told of everything
  /// that was settled other than as the source has it.
  func prepare(
    role: DraftText, time: JSONValue?, content: DraftText, refusal: Rare<Refusal>,
    format: SourceFormat, of tape: borrowing JSONTape, note: Note
  ) -> PreparedMessage {
    var message = PreparedMessage()
    message.rareRefusal = refusal
    if !message.isRefused { settle(&message, role, time, content, format, tape, note) }
    return message
  }

  private func settle(
    _ message: inout PreparedMessage, _ role: DraftText, _ time: JSONValue?, _ content: DraftText,
    _ format: SourceFormat, _ tape: borrowing JSONTape, _ note: Note
  ) {
    settleRole(of: &message, role, tape, note)
    if !message.isRefused {
      settleTime(of: &message, time, format, tape, note)
    } else if let time {
      message.claimedTime = tape.time(time, in: zones[format])?.instant
    }
    guard !message.isRefused else { return }
    if let time = message.time {
      if let since, time < since { message.isFiltered = true }
      if let until, time >= until { message.isFiltered = true }
    }
    if !message.isFiltered { message.ownText = ownText(of: content, as: message.role, tape) }
  }

  private func settleRole(
    of message: inout PreparedMessage, _ role: DraftText, _ tape: borrowing JSONTape, _ note: Note
  ) {
    let value: JSONValue
    switch role {
    case .value(let role): value = role
    case .bytes(let text):
      message.role = StoredRole(rawValue: String(decoding: text, as: UTF8.self)) ?? .user
      return
    case .absent, .parts:
      message.refusal = Refusal(
        rule: .roleMissing, field: "role", message: "the message has no role")
      return
    }
    if tape.equals(value, "user") { message.role = .user; return }
    if tape.equals(value, "assistant") { message.role = .assistant; return }
    if tape.equals(value, "system"), roles["system"] == nil { message.role = .system; return }
    guard tape.kind(value) == .string, !tape.isBlank(value) else {
      message.refusal = Refusal(
        rule: .roleMissing, field: "role", message: "the message's role is empty or not text")
      return
    }
    let word = String(decoding: tape.decoded(value), as: UTF8.self)
    guard
      let role = roles[word] ?? roles[word.lowercased()] ?? StoredRole(rawValue: word.lowercased())
    else {
      message.refusal = Refusal(
        rule: .roleUnknown, field: "role",
        message: "unknown role \(word.prefix(40).debugDescription)")
      return
    }
    message.role = role
    message.sourceRole = value
    note(
      .roleMapped, "role",
      "role \(word.prefix(40).debugDescription) is stored as \(role.rawValue)")
  }

  private func settleTime(
    of message: inout PreparedMessage, _ time: JSONValue?, _ format: SourceFormat,
    _ tape: borrowing JSONTape, _ note: Note
  ) {
    guard let value = time, !isBlankText(value, tape) else {
      note(
        .timeMissing, "created_at",
        "the source has no time; it goes beside those that have one, or where its session is"
      )
      return
    }
    guard let reading = tape.time(value, in: zones[format]) else {
      message.refusal = Refusal(
        rule: .timeInvalid, field: "created_at", message: "the time cannot be read")
      return
    }
    guard possible.contains(reading.instant) else {
      message.claimedTime = reading.instant
      message.refusal = Refusal(
        rule: .timeRange, field: "created_at",
        message: "the time \(reading.instant.rfc3339) is outside the possible range")
      return
    }
    if let naive = reading.naive {
      note(naive.rule, "created_at", naive.text)
      message.isTimeChanged = true
      message.clock = format
    }
    message.time = reading.instant
  }

  private func isBlankText(_ value: JSONValue, _ tape: borrowing JSONTape) -> Bool {
    tape.kind(value) == .string && tape.isBlank(value)
  }
}
