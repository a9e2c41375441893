/// Notes that agents keep of their work: `.agent_memory.json`, a list of `{"timestamp", "category",
/// "content"}`, and `session_<name>.json`, an object with lists of what was done.
///
/// Nobody says anything to anybody in them: each note is a system message. Times of the first kind have no
/// zone and are local.
struct AgentMemory {
  private enum Field: String, CaseIterable, Sendable {
    case id = "session_id"
    case start = "start_time"
    case end = "end_time"
    case duration = "duration_seconds"
    case validation = "mcp_validation"
  }

  private enum NoteField: String, CaseIterable, Sendable { case timestamp, category, content }

  /// The lists of a session's file, whose elements are notes of that category.
  private static let lists: [StaticString] = [
    "operations", "issues_found", "fixes_applied", "tools_tested", "file_examinations",
    "decisions",
  ]
  /// What the positions of a list are apart from those of the list before it: a position tells its list too,
  /// which a note that is tried again without its file needs.
  private static let listStride = 1_000_000

  private let fields = KeyTable<Field>()
  private let noteFields = KeyTable<NoteField>()

  /// What the notes of a file are called that says of no session whose they are.
  static func key(inputName: String) -> [UInt8] {
    var name = inputName.split(separator: "/").last.map(String.init) ?? inputName
    if name.hasSuffix(".gz") { name.removeLast(3) }
    return Array("agent-memory:\(name)".utf8)
  }

  /// Maps one file.
  ///
  /// `key` is what its notes are called where it says nothing of that. `numbers` are the positions of notes
  /// of either kind, where the record is `{"notes", "start_time"}` and has no others.
  func map(
    _ root: JSONValue, key: [UInt8], numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    draft.session.source = root
    draft.session.key = key
    if !numbers.isEmpty {
      mapAgain(root, numbers, of: tape, into: &draft)
    } else if tape.kind(root) == .array || isNote(root, of: tape) {
      mapNotes(root, of: tape, into: &draft)
    } else if tape.kind(root) == .object, tape.member(root, "session_id") != nil {
      mapSession(root, of: tape, into: &draft)
    } else {
      draft.refusal = Refusal(
        rule: .recordShape, message: "the record is neither a list of notes nor a session's file")
    }
  }

  private func isNote(_ value: JSONValue, of tape: borrowing JSONTape) -> Bool {
    tape.kind(value) == .object && tape.member(value, "timestamp") != nil
      && tape.member(value, "category") != nil
  }

  private func mapNotes(
    _ root: JSONValue, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    draft.session.continuationId = .bytes(draft.session.key)
    let name = draft.session.key.drop { $0 != UInt8(ascii: ":") }.dropFirst()
    draft.session.title = .bytes(Self.title(name))
    guard tape.kind(root) == .array else {
      mapNote(root, 0, of: tape, into: &draft)
      return
    }
    var index = 0
    tape.forEachElement(root) { element in
      mapNote(element, index, of: tape, into: &draft)
      index += 1
    }
  }

  private func mapAgain(
    _ root: JSONValue, _ numbers: [Int], of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    guard let notes = tape.present(root, "notes") else { return }
    let start = tape.present(root, "start_time")
    var position = 0
    tape.forEachElement(notes) { note in
      let number = numbers[position]
      position += 1
      let list = min(number / Self.listStride, Self.lists.count)
      if list == 0 {
        mapNote(note, number, of: tape, into: &draft)
      } else {
        mapElement(note, number, Self.lists[list - 1], start: start, of: tape, into: &draft)
      }
    }
  }

  private static func title(_ name: some Sequence<UInt8>) -> [UInt8] {
    Array("Agent memory ".utf8) + name
  }

  private func mapNote(
    _ note: JSONValue, _ index: Int, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var message = Self.message(note, index, category: "", of: tape)
    let firstEntry = draft.entries.count
    if !isNote(note, of: tape) {
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "note \(index) has no timestamp and category")
    }
    tape.forEachMember(note) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = noteFields.field(key, of: tape)
      else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .timestamp: message.time = value
      case .category: draft.add("category", .value(value))
      case .content: message.content = .value(value)
      }
    }
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }

  private func mapSession(
    _ root: JSONValue, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    tape.forEachMember(root) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        if list(key, value, of: tape) == nil { draft.keep(key, value) }
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .id:
        guard tape.kind(value) == .string, !tape.isBlank(value) else { return }
        draft.session.key = tape.decoded(value)
        draft.session.continuationId = .value(value)
        draft.session.title = .bytes(Self.title(draft.session.key))
      case .start: draft.session.created = value
      case .end: draft.session.updated = value
      case .duration: draft.addLegacy("duration_seconds", .value(value))
      case .validation: draft.add("mcp_validation", .value(value))
      }
    }
    draft.session.entries = 0..<draft.entries.count
    guard case .value = draft.session.continuationId else {
      draft.refusal = Refusal(
        rule: .recordShape, field: "session_id", message: "session_id is empty or not text")
      return
    }
    tape.forEachMember(root) { key, value in
      guard let list = list(key, value, of: tape) else { return }
      var index = (list + 1) * Self.listStride
      tape.forEachElement(value) { element in
        mapElement(
          element, index, Self.lists[list], start: draft.session.created, of: tape, into: &draft)
        index += 1
      }
    }
    sortByTime(&draft.messages, of: tape)
  }

  /// The lists stand one behind the other, which what they tell of did not.
  private func sortByTime(_ messages: inout [MessageDraft], of tape: borrowing JSONTape) {
    var times: [Timestamp] = []
    for message in messages {
      var time: Timestamp?
      if let value = message.time, tape.kind(value) == .string,
        case .instant(let instant) = ParsedTime(tape.bytes.span.extracting(tape.range(value)))
      {
        time = instant
      }
      times.append(time ?? Timestamp(microseconds: .min))
    }
    let order = messages.indices.sorted { left, right in
      times[left] == times[right] ? left < right : times[left] < times[right]
    }
    messages = order.map { messages[$0] }
  }

  /// Which of the lists a member is; the earlier of two of one name is none.
  private func list(
    _ key: JSONValue, _ value: JSONValue, of tape: borrowing JSONTape
  ) -> Int? {
    guard tape.kind(value) == .array, !tape[key].flags.contains(.shadowed) else { return nil }
    return Self.lists.indices.first { tape.equals(key, Self.lists[$0]) }
  }

  private func mapElement(
    _ element: JSONValue, _ index: Int, _ category: StaticString, start: JSONValue?,
    of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var message = Self.message(element, index, category: category, of: tape)
    let firstEntry = draft.entries.count
    switch tape.kind(element) {
    case .string: message.content = .value(element)
    case .null: break
    default: message.content = .bytes(tape.bytes[tape.range(element)].withoutSpace)
    }
    for name in ["timestamp", "time"] as [StaticString] where message.time == nil {
      message.time = tape.kind(element) == .object ? tape.present(element, name) : nil
    }
    message.time = message.time ?? start
    var name: [UInt8] = []
    name.appendJSONString(Array("\(category)".utf8))
    draft.add("category", .bytes(name))
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }

  /// A note whose id depends on what it says alone: notes before it may go, and files have equal names.
  private static func message(
    _ value: JSONValue, _ index: Int, category: StaticString, of tape: borrowing JSONTape
  ) -> MessageDraft {
    var message = MessageDraft(index: index)
    message.source = value
    message.role = .bytes(Array("system".utf8))
    message.occurrence = RecordDigest.occurrence(
      Array("\(category)\u{1F}".utf8) + tape.bytes[tape.sourceRange(value)])
    return message
  }
}
