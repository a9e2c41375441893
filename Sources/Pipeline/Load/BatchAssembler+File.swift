internal import Crypto

/// A file that is one session, as long as it is being read.
struct OpenFile {
  var state: SessionState
  /// Place of the first record, which stands for the session.
  var place: Place?
  /// Rows since the session's row was last written.
  var isStale = false
  var repeats = RepeatCounter()
}

/// Numbers equal messages of the same time, so that each has an id of its own that no other line moves.
///
/// Only messages in a row at one time are compared: the same message at that time farther on is a copy,
/// as where a file holds a conversation twice.
struct RepeatCounter {
  private var time: [UInt8] = []
  private var seen: [[UInt8]: Int] = [:]

  /// How often the message was there before it at its time.
  mutating func number(_ message: MessageDraft, of tape: borrowing JSONTape) -> Int {
    let own = message.time.map { tape.decoded($0) } ?? []
    if own != time {
      time = own
      seen.removeAll(keepingCapacity: true)
    }
    var text: [UInt8] = []
    if case .value(let role) = message.role { tape.appendDecoded(role, to: &text) }
    text.append(0x1F)
    if case .value(let content) = message.content { tape.appendDecoded(content, to: &text) }
    // A digest, because a text can be 64 MiB.
    let digest = Array(SHA256.hash(data: text))
    defer { seen[digest, default: 0] += 1 }
    return seen[digest, default: 0]
  }
}

/// Records that are messages of the session their file is.
extension BatchAssembler {
  mutating func beginFile(_ segment: InputSegment) {
    // The plan has refused inputs without a name.
    let name = ChatHistory.continuationId(path: inputs[Int(segment.input)].path) ?? []
    openFile = OpenFile(
      state: SessionState(family: sessions.family, key: name, ownTime: nil, scheme: plan.ids))
    beginOrigin(Place(input: segment.input, line: 1, byteOffset: 0, byteLength: 0))
    origin.key = name
  }

  /// The first record of a file stands for its session.
  private mutating func notePlace(_ place: Place) {
    guard openFile?.place == nil else { return }
    openFile?.place = place
    origin.line = place.line
    origin.byteOffset = place.byteOffset
  }

  /// Adds the message of the draft to the open file's session.
  mutating func addToFile(_ segment: InputSegment, _ range: Range<Int>, _ place: Place) {
    notePlace(place)
    guard var file = openFile else { return }
    // A note about a line is about its message.
    _ = noteDraft(place)
    for index in draft.messages.indices {
      draft.messages[index].occurrence = file.repeats.number(draft.messages[index], of: parser.tape)
    }
    let accepted = file.state.accepted
    settleMessages(&file.state, segment, range, place)
    if file.state.accepted > accepted { file.isStale = true }
    openFile = file
  }

  /// Rejects a record that could not be read, after looking for whole ones inside it.
  mutating func unreadable(
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place, _ number: Int, _ refusal: Refusal
  ) {
    guard openFile != nil else {
      batch.count(place.input) { tally in
        tally.sessions.read += 1
        tally.sessions.rejected += 1
      }
      reject(
        .session, refusal, place: place, stage: .extract, bytes: Array(segment.bytes[range]))
      return
    }
    notePlace(place)
    // Quotes inside a string are escaped, so each restart is where some writer began a record.
    let starts = [range.lowerBound] + ChatHistory.restarts(segment.bytes, range)
    for (start, end) in zip(starts, starts.dropFirst() + [range.upperBound]) {
      var piece = place
      piece.byteOffset += start - range.lowerBound
      piece.byteLength = end - start
      if starts.count > 1, parser.parse(segment.bytes, start..<end) == nil {
        addLine(segment, start..<end, piece, number)
      } else {
        rejectLine(refusal, piece, number, Array(segment.bytes[start..<end]))
      }
    }
  }

  private mutating func addLine(
    _ segment: InputSegment, _ range: Range<Int>, _ place: Place, _ number: Int
  ) {
    guard let continuationId = openFile?.state.continuationId else { return }
    noteDamage(place)
    recordRefusal = batch.findings.takeRaised()
    draft.clear()
    mapLine(number, continuationId)
    addToFile(segment, range, place)
    recordRefusal = nil
  }

  private mutating func rejectLine(
    _ refusal: Refusal, _ place: Place, _ number: Int, _ bytes: [UInt8]
  ) {
    openFile?.state.rejected += 1
    batch.count(place.input) { tally in
      tally.messages.read += 1
      tally.messages.rejected += 1
    }
    reject(
      .message, refusal, place: place, stage: .extract, bytes: bytes,
      message: MessageOrigin(index: number, isTitled: openFile?.state.title != nil))
  }

  /// Writes the open session's row so far, because its messages are about to be handed over.
  mutating func suspendFile() {
    guard var file = openFile, file.isStale, let place = file.place else { return }
    let isContinued = file.state.isContinued
    if !isContinued { batch.count(place.input) { $0.sessions.read += 1 } }
    draft.clear()
    encodeSession(&file.state, place, entries: 0..<0)
    if isContinued { batch.continuesSession = true }
    file.state.isContinued = true
    file.isStale = false
    openFile = file
  }

  /// Ends the open session: writes its row, or counts why it has none.
  mutating func endFile() {
    if let state = openFile?.state, state.accepted > 0, let place = openFile?.place {
      checkWhole(state, place)
      draft.clear()
      leaveMarks(of: state, place)
    }
    // Only now is it known that no user's message gives a title.
    if let state = openFile?.state, state.title == nil, plan.title != .none, state.accepted > 0 {
      openFile?.state.title = SessionTitle.fallback(state.continuationId)
      openFile?.isStale = true
    }
    suspendFile()
    defer { openFile = nil }
    guard let file = openFile, !file.state.isContinued, let place = file.place else { return }
    let isFiltered = file.state.rejected == 0
    batch.count(place.input) { tally in
      tally.sessions.read += 1
      if isFiltered { tally.sessions.filtered += 1 } else { tally.sessions.rejected += 1 }
    }
    guard !isFiltered else { return }
    let refusal = Refusal(
      rule: .sessionRejected, message: "none of the conversation's messages can be loaded")
    // Without bytes: they are its messages', each of which has a line of its own.
    reject(.session, refusal, place: place, stage: .validate, bytes: [])
  }
}
