/// OpenAI chat messages: records with a `messages` list (or `traj`, or `body.messages` of a batch file).
///
/// A tool call becomes one row that carries its result; the result's own message is folded into it.
struct OpenAIChat {
  static let family = "openai-chat"

  /// Keys of the list that may hold millions of messages.
  static let listKeys: [StaticString] = ["messages", "traj"]

  private let messageMap = OpenAIMessage()

  /// Maps one record; `scratch` parses call arguments, which are JSON inside strings.
  ///
  /// `numbers` are the positions of its messages where these are not all the conversation has; `digest` is
  /// that of its canonical text where not all of it is on the tape.
  func map(
    _ root: JSONValue, numbers: [Int] = [], digest: [UInt8]? = nil, of tape: borrowing JSONTape,
    scratch: inout JSONTape, into draft: inout RecordDraft
  ) {
    draft.session.source = root
    let digest = hexText(digest ?? CanonicalJSON.digest(root, of: tape))
    draft.session.key = digest
    draft.session.continuationId = .bytes(Self.continuationId(digest: digest))
    guard let list = messages(root, of: tape, into: &draft) else {
      draft.refusal = Refusal(
        rule: .recordShape, field: "messages", message: Self.whatItIs(root, of: tape))
      return
    }
    draft.session.entries = 0..<draft.entries.count
    draft.sliced = tape.slices(of: list)
    mapMessages(
      list, numbers: numbers, model: Self.model(root, of: tape), of: tape, scratch: &scratch,
      into: &draft)
  }

  /// Maps messages that follow each other, the first at the position `first`; a call and its result are both
  /// among them or neither is.
  func mapMessages(
    _ list: JSONValue, from first: Int = 0, numbers: [Int] = [], model: JSONValue?,
    of tape: borrowing JSONTape, scratch: inout JSONTape, into draft: inout RecordDraft
  ) {
    let pairing = ToolPairing(list, from: first, numbers: numbers, of: tape)
    var index = 0
    tape.forEachElement(list) { message in
      messageMap.map(
        message, index: numbers.isEmpty ? first + index : numbers[index], model: model,
        pairing: pairing, of: tape, scratch: &scratch, into: &draft)
      index += 1
    }
  }

  /// Whether the arrays whose elements are not on the tape are the record's messages, and nothing else.
  func areMessages(_ tape: borrowing JSONTape) -> Bool {
    guard let sliced = tape.slicedArrays.first else { return true }
    return tape.slicedArrays.count == 1 && Self.list(tape.root, of: tape)?.list == sliced.array
  }

  /// What `continuation_id` becomes, of the hexadecimal digest that is the session's key.
  static func continuationId(digest: [UInt8]) -> [UInt8] {
    Array("openai:".utf8) + digest.prefix(32)
  }

  /// The model a record names for all its messages.
  static func model(_ root: JSONValue, of tape: borrowing JSONTape) -> JSONValue? {
    // In a line of a batch file it stands beside the messages, inside the body.
    let body = tape.present(root, "body")
    return tape.present(root, "model") ?? body.flatMap { tape.present($0, "model") }
  }

  private func messages(
    _ root: JSONValue, of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) -> JSONValue? {
    if tape.kind(root) == .array { return isMessageList(root, of: tape) ? root : nil }
    guard let (holder, list) = Self.list(root, of: tape) else { return nil }
    for object in holder == root ? [root] : [root, holder] {
      tape.forEachMember(object) { key, value in
        guard value != list, value != holder else { return }
        if !tape[key].flags.contains(.shadowed),
          tape.equals(key, "tools") || tape.equals(key, "functions")
        {
          draft.add(tape.equals(key, "tools") ? "tools" : "functions", .value(value))
        } else {
          draft.keep(key, value)
        }
      }
    }
    return list
  }

  /// The list of messages of a record that is an object, and the object it is a member of.
  private static func list(
    _ root: JSONValue, of tape: borrowing JSONTape
  ) -> (holder: JSONValue, list: JSONValue)? {
    guard tape.kind(root) == .object else { return nil }
    var holder = root
    if tape.member(root, "messages") == nil, let body = tape.present(root, "body"),
      tape.kind(body) == .object
    {
      holder = body
    }
    let list = tape.member(holder, "messages") ?? tape.member(holder, "traj")
    guard let list, tape.kind(list) == .array else { return nil }
    return (holder, list)
  }

  private func isMessageList(_ list: JSONValue, of tape: borrowing JSONTape) -> Bool {
    var allMessages = tape.count(list) > 0
    tape.forEachElement(list) { element in
      if tape.kind(element) != .object || tape.member(element, "role") == nil {
        allMessages = false
      }
    }
    return allMessages
  }

  /// Names the formats that are taken for this one, so that the refusal tells what was seen.
  private static func whatItIs(_ root: JSONValue, of tape: borrowing JSONTape) -> String {
    guard tape.kind(root) == .object else { return "the record is not an object with messages" }
    if tape.member(root, "prompt") != nil, tape.member(root, "completion") != nil {
      return "prompt/completion pairs are not a chat"
    }
    if tape.member(root, "query") != nil, tape.member(root, "response") != nil {
      return "query/response rows are not a chat with messages"
    }
    if tape.member(root, "instruction") != nil, tape.member(root, "output") != nil {
      return "instruction/output rows are not a chat"
    }
    if tape.member(root, "conversations") != nil { return "this is ShareGPT, not OpenAI chat" }
    if tape.member(root, "role") != nil, tape.member(root, "content") != nil {
      return "a bare message, not a conversation with messages"
    }
    return "the record has no messages"
  }
}
