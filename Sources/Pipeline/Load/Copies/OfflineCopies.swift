internal import Archive
internal import Postgres

/// Counts, without a target, the messages that several dialects of a run have of one conversation, as a load into
/// empty tables finds them.
///
/// Of every message its turn's digest is kept, 64 bytes in all, in memory up to a limit and else in a file. A
/// conversation that is more than a batch is compared whole here and batch by batch by a load, which may keep
/// some of its messages twice.
struct OfflineCopies: ~Copyable, Sendable {
  private struct Turn {
    var conversation: UInt64
    /// Position among all that were added, so that those of a session are in their order.
    var number: UInt64
    var id: RowId
    var digest: TurnDigest
    var time: Timestamp
    var dialect: Int
    var input: Int32
  }

  private static let wordCount = 8

  private let sessions: RowLayout<SessionField>
  private let messages: RowLayout<MessageField>
  private var turns: PartedWords
  private var number: UInt64 = 0

  /// `directory` takes what is too much for memory.
  init(
    directory: String, sessions: RowLayout<SessionField>, messages: RowLayout<MessageField>,
    wordLimit: Int = 1 << 20
  ) {
    self.sessions = sessions
    self.messages = messages
    turns = PartedWords(directory: directory, wordLimit: wordLimit)
  }

  /// Takes the messages of a batch, which is of one dialect.
  mutating func add(_ batch: borrowing RowBatch) throws(FileError) {
    guard let source = batch.origins.first?.dialect,
      let dialect = SourceFormat.allCases.firstIndex(of: source),
      let key = sessions.columns.firstIndex(where: { $0.field == .continuationId })
    else { return }
    var conversations: [RowId: UInt64] = [:]
    for row in batch.sessions.rows.indices {
      let text = batch.sessions.fields(ofRow: row)[key]
      conversations[batch.sessions.rows[row].id] = WyHash.hash(batch.sessions.bytes.span, text)
    }
    for (index, row) in batch.messages.rows.enumerated() where row.isCounted {
      guard let conversation = conversations[row.session] else { continue }
      let fields = batch.messages.fields(ofRow: index)
      let digest = digest(fields, batch.messages.bytes)
      let time = time(fields, batch.messages.bytes)
      number += 1
      let position = number
      try turns.add(to: conversation) { words in
        words.append(conversation)
        words.append(position)
        words.append(row.id.high)
        words.append(row.id.low)
        words.append(digest.high)
        words.append(digest.low)
        words.append(UInt64(bitPattern: time.microseconds))
        words.append(UInt64(dialect) << 32 | UInt64(UInt32(bitPattern: row.place.input)))
      }
    }
  }

  /// Digests a turn; one without a text is the call it is.
  private func digest(_ fields: [Range<Int>], _ bytes: [UInt8]) -> TurnDigest {
    func value(_ field: MessageField) -> [UInt8] {
      messages.columns.firstIndex { $0.field == field }.map { Array(bytes[fields[$0]]) } ?? []
    }
    let role = value(.role)
    let content = value(.content)
    guard TurnDigest.isBlank(content) else { return TurnDigest(role: role, content: content) }
    let call = [MessageField.toolName, .toolArgs, .toolResult].map(value)
    return TurnDigest(role: role, content: Array(call.joined(separator: [0x1F])))
  }

  private func time(_ fields: [Range<Int>], _ bytes: [UInt8]) -> Timestamp {
    messages.columns.firstIndex { $0.field == .createdAt }
      .flatMap { Timestamp(postgres: Array(bytes[fields[$0]])) } ?? Timestamp(microseconds: 0)
  }

  /// Messages of each input that a better dialect's stand for.
  func perInput() throws(FileError) -> [Int32: Int] {
    var merged: [Int32: Int] = [:]
    for part in 0..<PartedWords.partCount {
      let all = Self.turns(try turns.words(of: part))
        .sorted { ($0.conversation, $0.number) < ($1.conversation, $1.number) }
      var start = 0
      while start < all.count {
        let end =
          all[start...].firstIndex { $0.conversation != all[start].conversation } ?? all.count
        for (input, count) in Self.copies(all[start..<end]) { merged[input, default: 0] += count }
        start = end
      }
    }
    return merged
  }

  private static func turns(_ words: [UInt64]) -> [Turn] {
    stride(from: 0, to: words.count, by: wordCount).map { at in
      Turn(
        conversation: words[at], number: words[at + 1],
        id: RowId(high: words[at + 2], low: words[at + 3]),
        digest: TurnDigest(high: words[at + 4], low: words[at + 5]),
        time: Timestamp(microseconds: Int64(bitPattern: words[at + 6])),
        dialect: Int(words[at + 7] >> 32),
        input: Int32(bitPattern: UInt32(truncatingIfNeeded: words[at + 7])))
    }
  }

  /// The copies among the turns of one conversation, by their inputs.
  private static func copies(_ turns: ArraySlice<Turn>) -> [Int32: Int] {
    let dialects = Set(turns.map(\.dialect))
    guard dialects.count > 1 else { return [:] }
    let ordered = SourceFormat.phases(of: dialects.map { SourceFormat.allCases[$0] })
      .flatMap { phase in dialects.filter { phase.contains(SourceFormat.allCases[$0]) }.sorted() }
    var merged: [Int32: Int] = [:]
    var stored: [SessionCopies.Stored] = []
    var known: [(dialect: Int, id: RowId, row: RowId)] = []
    for (place, dialect) in ordered.enumerated() {
      var seen: Set<RowId> = []
      // A message that comes again is counted as that.
      let own = turns.filter { $0.dialect == dialect && seen.insert($0.id).inserted }
      let alignment = SessionCopies(
        staged: own.map { .init(id: $0.id, digest: $0.digest, time: $0.time, isThere: false) },
        stored: stored,
        known: known.map { .init(id: $0.id, row: $0.row, isOwn: $0.dialect == dialect) },
        isOfFirstSource: place == 0
      ).align()
      known += alignment.learned.map { (dialect, $0.id, $0.row) }
      let copied = Set(alignment.copies.map(\.id))
      let times = Dictionary(alignment.times.map { ($0.id, $0.time) }) { first, _ in first }
      for turn in own {
        if copied.contains(turn.id) {
          merged[turn.input, default: 0] += 1
        } else {
          stored.append(
            .init(id: turn.id, digest: turn.digest, time: times[turn.id] ?? turn.time))
        }
      }
      stored.sort {
        ($0.time.microseconds, $0.id.high, $0.id.low)
          < ($1.time.microseconds, $1.id.high, $1.id.low)
      }
    }
    return merged
  }
}

extension RowBuffer {
  /// Where the values of a row are; of NULL nothing.
  fileprivate func fields(ofRow row: Int) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    let whole = byteRange(row..<row + 1)
    var at = whole.lowerBound + 2
    while at < whole.upperBound {
      let length = Int(
        Int32(bitPattern: bytes[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
      at += 4
      fields.append(at..<at + max(0, length))
      at += max(0, length)
    }
    return fields
  }
}
