/// The rules about messages and sessions, and what the dialects noted.
extension BatchAssembler {
  /// Applies the rules to a message of which there can be a row, the `index`-th of those prepared.
  mutating func apply(
    _ draft: borrowing MessageDraft, at index: Int, _ entries: ArraySlice<MetadataEntry>,
    _ state: inout SessionState, _ place: Place
  ) {
    if draft.part > 0 {
      // What is wrong with a message keeps all its rows out.
      if state.turns.refused?.index == draft.index {
        prepared[index].refusal = state.turns.refused?.refusal
      }
      return
    }
    let (list, number) = (messageField, draft.index)
    let digest = rules.check(
      draft, &prepared[index], entries: entries, isAlone: retried?.messages.isEmpty == false,
      session: &state.turns, of: parser.tape
    ) { rule, field, text in
      batch.findings.note(
        rule, at: place, field: list.isEmpty ? field : "\(list)[\(number)].\(field)", text())
    }
    if let raised = batch.findings.takeRaised() {
      prepared[index].refusal = raised
      state.turns.refused = (draft.index, raised)
      return
    }
    if let digest, digest.length >= rules.settings.limits.repeatedContentBytes, retried == nil {
      batch.marks.append(
        RunMark(
          kind: .text, key: digest.hash, owner: state.id.folded, other: UInt64(draft.index),
          place: place))
    }
  }

  /// Counts what the dialect noted of the draft, and refuses the messages of notes that are errors here.
  ///
  /// Where the record was put together, notes about its messages are said to be where these stood.
  ///
  /// - Returns: why the whole record is refused, if a note about it is an error here.
  mutating func noteDraft(
    _ place: Place, of segment: InputSegment? = nil, _ range: Range<Int> = 0..<0
  ) -> Refusal? {
    var refusal: Refusal?
    var places: [Int: Place] = [:]
    if let segment, segment.isGathered, draft.notes.contains(where: { $0.messageIndex != nil }) {
      for message in draft.messages {
        places[message.index] = messagePlace(message, segment, range, place)
      }
    }
    for note in draft.notes {
      let own = note.messageIndex.flatMap { places[$0] } ?? place
      batch.findings.note(note.rule, at: own, field: note.field, note.message)
      guard let raised = batch.findings.takeRaised() else { continue }
      guard let number = note.messageIndex else {
        refusal = refusal ?? raised
        continue
      }
      for index in draft.messages.indices where draft.messages[index].index == number {
        draft.messages[index].refusal = draft.messages[index].refusal ?? raised
      }
    }
    // A record whose messages come in slices is noted again with each of them.
    draft.notes.removeAll(keepingCapacity: true)
    return refusal
  }

  /// Applies the rules about what a session says of itself.
  mutating func checkSession(_ state: inout SessionState, _ place: Place) {
    if let parent = draft.session.parent, parser.tape.kind(parent) == .string,
      ParentSelf.isBroken(
        by: SessionKeyDigest(parser.tape.decoded(parent)),
        of: SessionKeyDigest(draft.session.key))
    {
      batch.findings.note(
        .parentSelf, at: place, field: "parent_continuation_id", "the session continues itself")
    }
    if ValuePlaceholder.isBroken(by: draft.session.title, of: parser.tape)
      || ValuePlaceholder.isBroken(by: draft.session.continuationId, of: parser.tape)
    {
      batch.findings.note(
        .valuePlaceholder, at: place, field: "continuation_id", "title or key is an example's")
    }
    findFiles(&state, place)
    var values: [JSONValue] = []
    if case .value(let title) = draft.session.title { values.append(title) }
    for entry in draft.entries[draft.session.entries] {
      if case .value(let value) = entry.value { values.append(value) }
    }
    for value in values {
      let holdsSecret = rules.noteSecrets(in: value, of: parser.tape) {
        rule, field, text in batch.findings.note(rule, at: place, field: field, text())
      }
      if holdsSecret { state.turns.holdsSecret = true }
    }
  }

  /// Looks for the files that a session names beside those its messages do.
  private mutating func findFiles(_ state: inout SessionState, _ place: Place) {
    guard let context = draft.session.context, parser.tape.kind(context) == .object else { return }
    let (files, images) = (
      parser.tape.member(context, "files"), parser.tape.member(context, "images")
    )
    let found = rules.findFiles(
      [(files, "initial_context.files"), (images, "initial_context.images")], of: parser.tape
    ) { rule, field, text in batch.findings.note(rule, at: place, field: field, text()) }
    guard let found else { return }
    state.files = .present(found)
    guard !found.missing.isEmpty else { return }
    draft.addToSession("files_missing", .list(found.missing), isLegacy: false)
  }

  /// Applies the rules about a session whose messages have all passed.
  mutating func checkWhole(_ state: SessionState, _ place: Place) {
    if TitleMissing.isBroken(by: state.title, plan.title) {
      batch.findings.note(
        .titleMissing, at: place, field: "title", "neither a title nor a text of the user")
    }
    if retried == nil, let problem = TurnImbalance.problem(state.turns, rules.settings.limits) {
      batch.findings.note(.turnImbalance, at: place, problem)
    }
  }

  /// Leaves what the rules about the whole run need of a session.
  mutating func leaveMarks(of state: SessionState, _ place: Place) {
    guard retried == nil else { return }
    let key = SessionKeyDigest(state.continuationId).hash
    var parentKey: UInt64 = 0
    if let parent = draft.session.parent, parser.tape.kind(parent) == .string,
      !parser.tape.isBlank(parent)
    {
      parentKey = SessionKeyDigest(parser.tape.decoded(parent)).hash
      batch.marks.append(
        RunMark(kind: .child, key: parentKey, owner: state.id.folded, other: key, place: place))
    }
    batch.marks.append(
      RunMark(kind: .session, key: key, owner: state.id.folded, other: parentKey, place: place))
  }
}
