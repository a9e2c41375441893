/// Where a session's record stands and what its messages' ids are made of, for the rejects of a batch.
struct SessionOrigin {
  /// A number of its own for each session a worker meets.
  var serial = 0
  var dialect = SourceFormat.threads
  var input: Int32 = -1
  /// Place of the record, which may hold several sessions.
  var line = 0
  var byteOffset = 0
  /// Key below which the record has this session, where it names one.
  var document: [UInt8]?
  /// Whether offsets do not point into the session, because it is text inside the record.
  var isPacked = false
  /// Whether the source has nothing of the session but its messages.
  var isMade = false
  var key: [UInt8] = []
  var ownTime: Timestamp?
  /// The model the record names for all its messages.
  var model: [UInt8]?
  /// What names the set of inputs.
  var inputSet: [UInt8] = []
  /// Number of the piece under way of a record that is rejected in several.
  var piece: Int?
}

/// A message's place in its session, which its id and the order of the stored rows depend on.
struct MessageOrigin {
  var index: Int
  /// Stands for the index in the natural key.
  var occurrence: Int?
  /// 0, or the number of the call where one message becomes several rows.
  var part = 0
  /// Microseconds from its own time to the one it is stored with; nil for one whose time is unknown.
  var tieMicroseconds: Int?
  /// What a message without a time is stored with.
  var created: Timestamp?
  /// Whether the session had a title before it.
  var isTitled = true
  /// Whether the session had a time before it.
  var isTimed = true
  /// Position of the call whose row this result is part of.
  var call: Int?

  /// Whether it is one row at a time of its own, in a session that has a title and a time.
  var isPlain: Bool {
    occurrence == nil && part == 0 && tieMicroseconds == 0 && created == nil && isTitled && isTimed
      && call == nil && index < Int(Int32.max)
  }
}

/// A source message that is part of another one's row: a tool's result on its call.
struct FoldedMessage {
  /// Index of the row in the batch.
  var row: Int
  var place: Place
  var index: Int
}

extension RejectOrigin {
  /// Puts together what a line of rejects says of a record's surroundings.
  ///
  /// `message` is nil for a whole session.
  init(_ session: SessionOrigin, _ message: MessageOrigin?, inputName: String) {
    dialect = session.dialect
    name = inputName
    inputs = String(decoding: session.inputSet, as: UTF8.self)
    line = session.line
    byteOffset = session.byteOffset
    document = session.document.map { String(decoding: $0, as: UTF8.self) }
    isPacked = session.isPacked ? true : nil
    piece = session.piece
    // A record that is a whole session says these itself.
    guard message != nil || session.dialect == .chatHistory else { return }
    self.session = Session(
      key: String(decoding: session.key, as: UTF8.self), createdAt: session.ownTime?.rfc3339,
      model: session.model.map { String(decoding: $0, as: UTF8.self) },
      isMade: session.isMade ? true : nil)
    guard let message else { return }
    self.message = Message(
      index: message.index, occurrence: message.occurrence, call: message.call,
      isTitled: message.isTitled, isTimed: message.isTimed,
      tieMicroseconds: message.tieMicroseconds,
      createdAt: message.created.map {
        // The first row's; those of further calls follow it.
        Timestamp(microseconds: $0.microseconds - Int64(message.part)).rfc3339
      })
  }
}
