/// Rejects that are tried again together, because their rows depend on each other.
struct RejectGroup {
  enum Work {
    /// One whole record of the dialect.
    case record
    /// One record that was rejected in pieces: about so many bytes of it are worked on at a time.
    case pieces(LongPart, batchBytes: Int)
    /// Messages of one session in the order of their source, and the session if it was rejected as well.
    case messages
    /// Nothing can be tried, for this reason.
    case kept(String)
  }

  var work: Work
  /// Without repetitions; places have this run's inputs.
  var rejects: [Reject]
  /// Lines that say again what another one says.
  var repeated: [Reject] = []
}

/// What a target has of a session whose messages are tried again.
struct KnownSession {
  var title: [UInt8]?
  /// The start of its first user message.
  var firstUserText: [UInt8]?
  /// Text of its `updated_at` where it has no messages; the column's default if it has no time of its own.
  var defaultTime: [UInt8]?
}

/// What is known of records that are tried again beside their bytes.
struct RetriedRecords {
  struct Message {
    var place: Place
    var origin: MessageOrigin
  }

  var origin: RejectOrigin
  /// Messages by their index; empty for a whole record.
  var messages: [Int: Message] = [:]
  /// Whether the session is not in the target.
  var isNew = true

  /// The one of a record's documents that was rejected.
  func choose(_ found: [ThreadDocument.Found], _ root: JSONValue) -> [ThreadDocument.Found] {
    guard let document = origin.document else { return found }
    let key = Array(document.utf8)
    if let own = found.first(where: { $0.key == key }) { return [own] }
    return [ThreadDocument.Found(key: key, document: .value(root))]
  }

  /// Whether a message may give its session the title.
  func mayTitle(_ index: Int) -> Bool { isNew || messages[index]?.origin.isTitled != true }

  /// The time a message had or would have had beside the rest of its session.
  func place(_ message: PreparedMessage, _ draft: MessageDraft) -> (
    time: Timestamp, step: MessageOrder.Step
  )? {
    guard let known = messages[draft.index]?.origin else { return nil }
    guard let time = message.time else {
      return known.created.map {
        (Timestamp(microseconds: $0.microseconds + Int64(draft.part)), .forward)
      }
    }
    guard let tie = known.tieMicroseconds else { return nil }
    return (
      Timestamp(microseconds: time.microseconds + Int64(tie)), tie > 0 ? .tie : .forward
    )
  }
}

extension MessageOrigin {
  init(_ message: RejectOrigin.Message) {
    index = message.index
    occurrence = message.occurrence
    call = message.call
    isTitled = message.isTitled
    isTimed = message.isTimed
    tieMicroseconds = message.tieMicroseconds
    created = message.createdAt.flatMap(Timestamp.init(rfc3339:))
  }
}

extension Timestamp {
  /// Reads what ``rfc3339`` writes.
  init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard case .instant(let instant) = ParsedTime(bytes.span) else { return nil }
    self = instant
  }
}
