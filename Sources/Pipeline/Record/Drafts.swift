/// A text of a draft: where it stands, not what it says.
enum DraftText {
  case absent
  case value(JSONValue)
  /// Several texts, one a line.
  case parts([JSONValue])
  case bytes([UInt8])

  var isAbsent: Bool {
    if case .absent = self { true } else { false }
  }
}

/// A JSON value of a draft.
enum DraftJSON {
  case absent
  case value(JSONValue)
  /// `{"<name>": <value>}`, for a column that holds objects only.
  case wrapped(Wrapper, JSONValue)
  /// An array of values from different places.
  case list([JSONValue])
  /// The numbers that ``EmbeddingValues`` reads of a value, which says them in base64.
  case numbers(JSONValue)
  /// Ready JSON text made by a dialect; already fit for jsonb.
  case bytes([UInt8])

  var isAbsent: Bool {
    if case .absent = self { true } else { false }
  }

  /// The names values are wrapped under.
  enum Wrapper {
    case input, output

    var name: StaticString {
      switch self {
      case .input: "input"
      case .output: "output"
      }
    }
  }
}

/// One member of a row's metadata.
struct MetadataEntry {
  enum Name {
    case known(StaticString)
    case key(JSONValue)
  }

  var name: Name
  var value: DraftJSON
  /// Whether it goes below `legacy`, where fields without a meaning of their own are kept.
  var isLegacy: Bool
}

/// What a dialect found of one message; indexes refer to the tape it was found on.
struct MessageDraft {
  /// 0-based position in its session's source: part of the natural key, and of its provenance.
  var index: Int
  /// Stands for ``index`` in the natural key where the position is not the message's own.
  var occurrence: Int?
  /// 0, or the number of the call where one source message becomes several rows.
  var part = 0
  /// The source value, whose bytes go to the rejects.
  var source: JSONValue?
  var role: DraftText = .absent
  var content: DraftText = .absent
  /// A message that is a tool call may have no text.
  var mayLackContent = false
  var time: JSONValue?
  var toolName: DraftText = .absent
  var toolArgs: DraftJSON = .absent
  var toolResult: DraftJSON = .absent
  var tokensIn: JSONValue?
  var tokensOut: JSONValue?
  var cost: JSONValue?
  var latency: JSONValue?
  var model: DraftText = .absent
  var provider: DraftText = .absent
  /// Lists that are among ``entries`` too, for targets without a column for them.
  var files: JSONValue?
  var images: JSONValue?
  /// Its members of metadata, as a range of the record draft's entries.
  var entries: Range<Int> = 0..<0
  /// The source message that became part of this row: a tool's result on its call.
  var result: JSONValue?
  /// 0-based position of ``result`` in its session's source.
  var resultIndex: Int?
  /// Why the dialect cannot make a message of it.
  var rareRefusal = Rare<Refusal>.absent
  /// What its row brings along, where it is one of the product's own later tables.
  var rareStoredRow = Rare<StoredRow>.absent
}

extension MessageDraft {
  /// Why the dialect cannot make a message of it.
  var refusal: Refusal? {
    get { rareRefusal.value }
    set { rareRefusal = Rare(newValue) }
  }

  /// What its row brings along, where it is one of the product's own later tables.
  var storedRow: StoredRow? {
    get { rareStoredRow.value }
    set { rareStoredRow = Rare(newValue) }
  }

  /// Rows of the source that say the same and are part of it.
  var copies: Int { rareStoredRow.isAbsent ? 0 : storedRow?.copies ?? 0 }

  /// Source messages that are part of this row beside its own.
  var folded: Int { (result == nil ? 0 : 1) + copies }
}

/// Why a record cannot be loaded.
struct Refusal: Sendable {
  var rule: Rule
  var field: String?
  var message: String
  /// What stood there instead, where rejects of this rule differ in it.
  var value: ValueShape?
  /// Whether it is among the findings already.
  var isCounted = false
  /// Of a note about one message, its position in the session's source.
  var messageIndex: Int?
}

/// What a dialect found of one session.
struct SessionDraft {
  /// The source's own name for the conversation; part of the natural key.
  var key: [UInt8] = []
  /// What `continuation_id` becomes; the source's text, unchanged.
  var continuationId: DraftText = .absent
  /// Further rows of the source that say the same.
  var copies = 0
  /// Whether the source has nothing of it but its messages, so that without these there is none.
  var isMade = false
  /// Whose it is, where the source says that; decoded, because messages are looked at on other tapes too.
  var user: [UInt8]?
  /// The session this one continues.
  var parent: JSONValue?
  var title: DraftText = .absent
  var created: JSONValue?
  var updated: JSONValue?
  /// The request it began with, which may name files; among ``entries`` too.
  var context: JSONValue?
  var entries: Range<Int> = 0..<0
  /// The source value, whose bytes go to the rejects.
  var source: JSONValue?
}

/// What a dialect found in one record; cleared and used again for the next.
struct RecordDraft {
  var session = SessionDraft()
  var messages: [MessageDraft] = []
  var entries: [MetadataEntry] = []
  /// The messages that are not among ``messages``, because they are taken a slice at a time.
  var sliced: SlicedArray?
  /// Why the whole record cannot be loaded.
  var refusal: Refusal?
  /// Findings that cost nothing, noted once the place is known.
  var notes: [Refusal] = []

  mutating func clear() {
    // An unusually dense record must not keep its memory for the rest of the run.
    if messages.capacity > 1 << 16 { messages = [] }
    if entries.capacity > 1 << 17 { entries = [] }
    session = SessionDraft()
    messages.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    notes.removeAll(keepingCapacity: true)
    sliced = nil
    refusal = nil
  }

  /// Clears what is of messages, for the next of the session.
  mutating func clearMessages() {
    messages.removeAll(keepingCapacity: true)
    entries.removeSubrange(session.entries.upperBound...)
    notes.removeAll(keepingCapacity: true)
  }

  /// Adds a member of metadata below its own name.
  mutating func add(_ name: StaticString, _ value: DraftJSON) {
    entries.append(MetadataEntry(name: .known(name), value: value, isLegacy: false))
  }

  /// Adds a member of `metadata.legacy` below its own name.
  mutating func addLegacy(_ name: StaticString, _ value: DraftJSON) {
    entries.append(MetadataEntry(name: .known(name), value: value, isLegacy: true))
  }

  /// Keeps a session's value that no column takes, as it was written.
  mutating func keepAside(_ name: StaticString, _ value: JSONValue) {
    addToSession(name, .value(value), isLegacy: true)
  }

  /// Adds a member to the session's metadata, once those of the messages may be there.
  mutating func addToSession(_ name: StaticString, _ value: DraftJSON, isLegacy: Bool) {
    let end = session.entries.upperBound
    entries.insert(MetadataEntry(name: .known(name), value: value, isLegacy: isLegacy), at: end)
    session.entries = session.entries.lowerBound..<end + 1
    for index in messages.indices {
      messages[index].entries =
        messages[index].entries.lowerBound + 1..<messages[index].entries.upperBound + 1
    }
  }

  /// Keeps a source field nobody has a column for.
  mutating func keep(_ key: JSONValue, _ value: JSONValue) {
    entries.append(MetadataEntry(name: .key(key), value: .value(value), isLegacy: true))
  }
}
