/// What a worker carries from the source to the commit: rows, counts, findings and rejects of one batch.
struct RowBatch {
  var sessions = RowBuffer()
  var messages = RowBuffer()
  /// How many messages there were when each session's row was added: a session's come before it.
  private(set) var messageEnds: [Int] = []
  /// Counts of what needs no answer from the target; one entry an input the batch touches.
  private(set) var tallies: [(input: Int32, tally: Tally)] = []
  var findings: FindingLog
  /// What the rows are made of.
  var facts = BatchFacts()
  var rejects: [Reject] = []
  var clock = StageClock()
  var sourceBytes = 0
  /// What the rows were made of, for the bytes of rows the target refuses.
  private(set) var segments: [InputSegment] = []
  /// The sessions the rows are of, for rejects of rows the target refuses.
  private(set) var origins: [SessionOrigin] = []
  /// What of its inputs the ledger keeps, to tell later whether they are still the same.
  var pieces: [InputPiece] = []
  /// Messages that are part of another one's row.
  var folded: [FoldedMessage] = []
  /// What the records leave for the rules about the whole run.
  var marks: [RunMark] = []
  /// Files that messages here name, where these are attached.
  var mentions: [FileMention] = []
  /// Embeddings of messages here, where these are stored as files.
  var embeddings: [MessageEmbedding] = []
  /// Whether a session row here continues one of an earlier batch and so must be merged.
  var continuesSession = false
  /// Whether a message's id here is its source's own, or a session's continuation id another than its name.
  var hasGivenIds = false
  /// Whether a later batch has more messages of its last session, whose row is the same there.
  var isContinuedLater = false
  /// Whether a later batch has more messages of its last session, whatever its row is there.
  var isCut = false

  /// `findings` is the log to begin each batch with.
  init(findings: FindingLog) { self.findings = findings }

  var rowCount: Int { sessions.rows.count + messages.rows.count }

  /// What its limit is of: rejects take as much memory as rows.
  var recordCount: Int { rowCount + rejects.count }

  mutating func clear() {
    sessions.clear()
    messages.clear()
    messageEnds.removeAll(keepingCapacity: true)
    tallies.removeAll(keepingCapacity: true)
    findings = findings.emptied
    facts.clear()
    rejects.removeAll()
    clock = StageClock()
    sourceBytes = 0
    segments.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
    folded.removeAll(keepingCapacity: true)
    marks.removeAll(keepingCapacity: true)
    mentions.removeAll(keepingCapacity: true)
    embeddings.removeAll(keepingCapacity: true)
    continuesSession = false
    hasGivenIds = false
    isContinuedLater = false
    isCut = false
  }

  /// Forgets rows and rejects that were made only to see what comes of them; findings and times stay.
  mutating func forgetRows() {
    let (findings, clock) = (findings, clock)
    clear()
    (self.findings, self.clock) = (findings, clock)
  }

  /// Notes that the row of a session was added, behind its messages.
  mutating func endSession() { messageEnds.append(messages.rows.count) }

  /// Keeps the origin of rows to come.
  mutating func keep(_ origin: SessionOrigin) -> Int32 {
    origins.append(origin)
    return Int32(origins.count - 1)
  }

  /// The origin kept last, if it is that session's.
  func lastOrigin(ifOf serial: Int) -> Int32? {
    guard let last = origins.indices.last, origins[last].serial == serial else { return nil }
    return Int32(last)
  }

  /// Keeps a segment until the batch is through; counting it once more costs nothing.
  mutating func keep(_ segment: InputSegment) {
    if let last = segments.last, last.input == segment.input, last.byteOffset == segment.byteOffset
    {
      return
    }
    segments.append(segment)
  }

  /// The input's bytes at a place one of the rows has.
  func sourceBytes(_ place: Place) -> [UInt8] {
    for segment in segments where segment.input == place.input || segment.isGathered {
      let bytes = segment.sourceBytes(place)
      if !bytes.isEmpty { return bytes }
    }
    return []
  }

  mutating func count(_ input: Int32, _ change: (inout Tally) -> Void) {
    if let last = tallies.indices.last, tallies[last].input == input {
      change(&tallies[last].tally)
      return
    }
    if let index = tallies.firstIndex(where: { $0.input == input }) {
      change(&tallies[index].tally)
      return
    }
    var tally = Tally()
    change(&tally)
    tallies.append((input, tally))
  }
}

/// Taking back a session that turns out to be none, as long as the batch is not handed over.
extension RowBatch {
  /// How much there was of everything at some moment.
  struct Mark {
    fileprivate var sessions: Int
    fileprivate var messages: Int
    fileprivate var folded: Int
    fileprivate var rejects: Int
    fileprivate var marks: Int
    fileprivate var mentions: Int
    fileprivate var embeddings: Int
    fileprivate var tally: Tally
    /// Counts of all inputs, where a session is of several.
    fileprivate var tallies: [(input: Int32, tally: Tally)]?
  }

  /// The present moment, before a session of an input.
  mutating func mark(_ input: Int32, severalInputs: Bool) -> Mark {
    var tally = Tally()
    count(input) { tally = $0 }
    return Mark(
      sessions: sessions.rows.count, messages: messages.rows.count, folded: folded.count,
      rejects: rejects.count, marks: marks.count, mentions: mentions.count,
      embeddings: embeddings.count, tally: tally,
      tallies: severalInputs ? tallies : nil)
  }

  /// Takes back rows, counts and rejects of the session since `mark`; its findings stay.
  mutating func rewind(to mark: Mark, _ input: Int32) {
    sessions.keepFirst(mark.sessions)
    messages.keepFirst(mark.messages)
    messageEnds.removeSubrange(min(mark.sessions, messageEnds.count)...)
    folded.removeSubrange(mark.folded...)
    rejects.removeSubrange(mark.rejects...)
    marks.removeSubrange(mark.marks...)
    mentions.removeSubrange(mark.mentions...)
    embeddings.removeSubrange(mark.embeddings...)
    if let all = mark.tallies { tallies = all }
    count(input) { $0 = mark.tally }
  }
}
