/// Chat history: one `<continuation_id>.jsonl` a conversation, a line a message.
///
/// The id is the file's stem and nothing else; a line has exactly `ts`, `role` and `content`.
struct ChatHistory {
  static let family = "chat-history"

  private enum Field: String, CaseIterable, Sendable { case ts, role, content }

  private let fields = KeyTable<Field>()

  /// The conversation a file holds; nil for standard input, which has no name.
  static func continuationId(path: String) -> [UInt8]? {
    guard path != "-", let name = path.split(separator: "/").last else { return nil }
    var stem = name[...]
    for suffix in [".gz", ".jsonl"] where stem.utf8.count > suffix.utf8.count {
      if stem.hasSuffix(suffix) { stem = stem.dropLast(suffix.count) }
    }
    return Array(stem.utf8)
  }

  /// Maps one line; `index` is its 0-based number in the file.
  func map(
    _ root: JSONValue, index: Int, continuationId: [UInt8], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    draft.session.key = continuationId
    draft.session.continuationId = .bytes(continuationId)
    var message = MessageDraft(index: index)
    message.source = root
    if tape.kind(root) != .object {
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "the line is not a JSON object")
    }
    tape.forEachMember(root) { key, value in
      guard !tape[key].flags.contains(.shadowed), let field = fields.field(key, of: tape) else {
        draft.keep(key, value)
        return
      }
      guard !tape.isNull(value) else { return }
      switch field {
      case .ts: message.time = value
      case .role: message.role = .value(value)
      case .content: message.content = .value(value)
      }
    }
    // The store's own reader took an empty role for the user's.
    if case .value(let role) = message.role, tape.kind(role) == .string, tape.range(role).isEmpty {
      message.role = .bytes(Array("user".utf8))
      draft.notes.append(
        Refusal(
          rule: .roleMapped, field: "role", message: "an empty role is the user's",
          messageIndex: index))
    }
    message.entries = 0..<draft.entries.count
    draft.messages.append(message)
  }

  /// Offsets in a line that did not parse at which a record may begin anew.
  ///
  /// A writer that died in the middle of a line leaves it without its end, and the next one goes on in
  /// the same line: `…trunc{"ts":…}`.
  static func restarts(_ bytes: [UInt8], _ line: Range<Int>) -> [Int] {
    let mark = Array("{\"ts\":".utf8)
    var found: [Int] = []
    var at = line.lowerBound + 1
    while at + mark.count <= line.upperBound {
      if bytes[at] == mark[0], bytes[at..<at + mark.count].elementsEqual(mark) { found.append(at) }
      at += 1
    }
    return found
  }
}
