/// Turns segments of the source into encoded rows: extract, transform, validate and encode for one worker.
///
/// Everything it allocates is kept for the next record.
struct BatchAssembler: ~Copyable {
  let plan: TransformPlan
  let inputs: [PlannedInput]
  let checks: MessageChecks
  var rules: MessageRules
  /// What a missing time becomes: the default of the target's column, evaluated once a run.
  let absentTime: Timestamp?
  let batchRows: Int
  private(set) var messageField = ""
  var parser: RecordParser
  var scratch: RecordParser
  var draft = RecordDraft()
  var prepared: [PreparedMessage] = []
  var messages: MessageEncoder
  var sessions: SessionEncoder
  var batch: RowBatch
  /// Whether the tape is of a document that was text inside the record.
  var isUnpacked = false
  /// The place in the record whose line was counted last.
  var lineCursor = LineCursor()
  /// The file that is being read, where a file is a session.
  var openFile: OpenFile?
  /// The session under way, as its rejects name it.
  var origin = SessionOrigin()
  /// Why the record under way is rejected as a whole, though it could be read.
  var recordRefusal: Refusal?
  /// What is known of the records while rejects are tried again.
  var retried: RetriedRecords?
  let inputSet: [UInt8]
  /// The dialect of the record under way.
  private(set) var format = SourceFormat.threads
  let threads: ThreadDocument
  let chatHistory = ChatHistory()
  let openAIChat = OpenAIChat()
  let requestResponse = RequestResponse()
  let toolCalls = ToolCalls()
  let auggie = AuggieSessions()
  let conversationTracker = ConversationTracker()
  let agentMemory = AgentMemory()
  let messagesDump = MessagesDump()
  let conversationsTable: ConversationsTable
  var callComposer: CallComposer

  init(_ setup: AssemblySetup) throws(RunError) {
    let parser = try RecordParser()
    let scratch = try RecordParser()
    let callComposer = try CallComposer()
    plan = setup.transform
    inputs = setup.inputs
    conversationsTable = ConversationsTable(
      nullText: setup.transform.nullText, embeddings: setup.transform.embeddings)
    threads = ThreadDocument(text: setup.transform.text)
    checks = MessageChecks(setup.transform)
    rules = MessageRules(
      setup.rules, redacting: setup.transform.redacted, attached: setup.attached,
      tables: setup.fileTables)
    absentTime = setup.absentTime
    batchRows = setup.batchRows
    messages = MessageEncoder(layout: setup.messageLayout, plan: setup.transform)
    sessions = SessionEncoder(layout: setup.sessionLayout, plan: setup.transform)
    inputSet = setup.inputSet
    batch = RowBatch(findings: setup.rules.log(sampleLimit: setup.sampleLimit))
    self.parser = parser
    self.scratch = scratch
    self.callComposer = callComposer
    speak(.threads)
  }

  /// Goes over to a dialect, where the records before were of another.
  mutating func speak(_ dialect: SourceFormat) {
    guard dialect != format || sessions.family.isEmpty else { return }
    format = dialect
    messageField = dialect.messageField
    sessions.family = Array(dialect.rawValue.utf8)
  }

  /// Adds a segment's records to the batch.
  ///
  /// `flush` is called whenever the batch has reached its row limit, and leaves it empty.
  mutating func add(
    _ segment: InputSegment, flush: (inout RowBatch) throws -> Void
  ) throws {
    speak(segment.dialect ?? inputs[Int(segment.input)].dialect)
    batch.sourceBytes += segment.bytes.count
    if segment.isFirst, format == .chatHistory { beginFile(segment) }
    if segment.isFirst, segment.isLast, segment.damage == nil,
      segment.bytes.isBlank(0..<segment.bytes.count)
    {
      note(.inputEmpty, Place(input: segment.input, line: 1, byteOffset: 0, byteLength: 0)) {
        "the input has no records"
      }
    }
    for remark in segment.remarks { note(remark.rule, remark.place) { remark.message } }
    var lines = LineCounter(firstLine: segment.firstLine)
    switch segment.layout {
    case .lines:
      var at = 0
      for number in 0...segment.lineEnds.count where at < segment.bytes.count {
        let end =
          number < segment.lineEnds.count ? Int(segment.lineEnds[number]) : segment.bytes.count
        try record(segment, at..<end, line: lines.line, number: lines.line - 1, flush)
        lines.line += 1
        at = end + 1
      }
    case .elements, .documents, .members:
      for range in segment.records {
        let line = lines.line(of: range.lowerBound, in: segment.bytes)
        try record(segment, range, line: line, number: 0, flush)
      }
    }
    if let damage = segment.damage {
      let offset = segment.byteOffset + segment.bytes.count
      note(
        .inputUnreadable,
        Place(input: segment.input, line: lines.line, byteOffset: offset, byteLength: 0)
      ) { damage }
    }
    if segment.isLast, format == .chatHistory { endFile() }
  }

  private mutating func record(
    _ segment: InputSegment, _ untrimmed: Range<Int>, line: Int, number: Int,
    _ flush: (inout RowBatch) throws -> Void
  ) throws {
    let range = segment.bytes.trimmed(untrimmed)
    guard !range.isEmpty else { return }
    let place =
      segment.gatheredPlace(range)
      ?? Place(
        input: segment.input, line: line, byteOffset: segment.byteOffset + range.lowerBound,
        byteLength: range.count)
    batch.keep(segment)
    if format != .chatHistory { beginOrigin(place) }
    let started = ContinuousClock.now
    isUnpacked = false
    batch.clock.count(.extract, records: 1)
    let refusal = parse(segment, range, slicing: slicing)
    batch.clock.add(.extract, nanoseconds: StageClock.nanoseconds(since: started))
    if let refusal {
      unreadable(segment, range, place, number, refusal)
    } else {
      noteDamage(place)
      recordRefusal = batch.findings.takeRaised()
      try map(segment, range, place, number, flush)
      recordRefusal = nil
    }
    parser.tape.shrink()
    if batch.recordCount >= batchRows { try self.flush(flush) }
  }

  /// Which lists of long records are taken a slice at a time, so that no more is held than a batch has.
  var slicing: Slicing? {
    let names: [StaticString]
    switch format {
    case .threads: names = ThreadDocument.listKeys
    case .openAIChat: names = OpenAIChat.listKeys
    case .messagesDump: names = MessagesDump.listKeys
    case .conversationsTable: names = ConversationsTable.listKeys
    case .chatHistory, .requestResponse, .toolCalls, .auggie, .conversationTracker, .agentMemory:
      return nil
    }
    return Slicing(names: names, elementLimit: max(1, min(batchRows, 4096)))
  }

  mutating func parse(
    _ segment: InputSegment, _ range: Range<Int>, slicing: Slicing?
  ) -> Refusal? {
    guard segment.layout == .members else {
      return parser.parse(segment.bytes, range, slicing: slicing)
    }
    let wrapped = [UInt8(ascii: "{")] + segment.bytes[range] + [UInt8(ascii: "}")]
    return parser.parse(wrapped, 0..<wrapped.count, slicing: slicing)
  }

  /// Hands the batch over, with the row of a session that is still open.
  mutating func flush(_ body: (inout RowBatch) throws -> Void) throws {
    suspendFile()
    batch.isCut = batch.isContinuedLater || openFile != nil
    try body(&batch)
    batch.clear()
  }

  /// Begins a session's origin with the place of its record.
  mutating func beginOrigin(_ place: Place) {
    origin = SessionOrigin(
      serial: origin.serial + 1, dialect: format, input: place.input,
      line: retried?.origin.line ?? place.line,
      byteOffset: retried?.origin.byteOffset ?? place.byteOffset,
      inputSet: inputs[Int(place.input)].set ?? inputSet)
  }

  /// Which of the batch's origins the session under way has.
  mutating func keepOrigin() -> Int32 {
    // A row of the session that was the last one here, as most are, copies nothing.
    batch.lastOrigin(ifOf: origin.serial) ?? batch.keep(origin)
  }

  mutating func noteDamage(_ place: Place) {
    if let damage = parser.damage, damage.controlCharacters > 0 {
      note(.jsonControlCharacter, place) {
        "\(damage.controlCharacters) bare control characters inside strings"
      }
    }
    note(parser.tape[parser.tape.root].flags, place)
  }

  /// Notes what is odd about a record's JSON.
  mutating func note(_ flags: JSONTape.Flags, _ place: Place) {
    if flags.contains(.duplicates) {
      note(.jsonDuplicateKey, place) { "an object has a key more than once; all values are kept" }
    }
    if flags.contains(.hugeNumber) {
      note(.jsonNumber, place) { "a number beyond numeric's range is kept as text" }
    }
  }

  /// Counts a finding.
  mutating func note(
    _ rule: Rule, _ place: Place, field: String? = nil, _ message: () -> String
  ) {
    batch.findings.note(rule, at: place, field: field, message())
  }

  /// Counts a rejected record and keeps its bytes.
  mutating func reject(
    _ kind: Reject.Kind, _ refusal: Refusal, place: Place, stage: Stage, field: String? = nil,
    bytes: [UInt8], dependents: Int? = nil, message: MessageOrigin? = nil
  ) {
    if !refusal.isCounted {
      batch.findings.note(
        refusal.rule, at: place, field: field ?? refusal.field, refusal.message)
    }
    var reject = Reject(
      kind: kind, input: inputs[Int(place.input)].path, place: place, stage: stage,
      rule: refusal.rule, field: field ?? refusal.field, message: refusal.message, bytes: bytes)
    reject.dependentMessages = dependents
    reject.value = refusal.value
    reject.origin = RejectOrigin(origin, message, inputName: inputs[Int(place.input)].name)
    batch.rejects.append(reject)
  }
}
