/// Tool calls as their requests and answers were kept, a file each: a record is the calls of a conversation.
///
/// A request is the user's message, its answer the assistant's. Halves are put together by ``CallSource``;
/// ``CallComposer`` says what an element of `halves` is.
struct RequestResponse {
  static let family = "request-response"

  /// Maps one conversation.
  ///
  /// `numbers` are the positions of its halves where these are not all there are.
  func map(
    _ root: JSONValue, numbers: [Int] = [], of tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    guard tape.kind(root) == .object, let key = tape.present(root, "conversation"),
      let halves = tape.present(root, "halves"), tape.kind(halves) == .array
    else {
      draft.session.source = root
      draft.refusal = Refusal(
        rule: .recordShape, message: "the record is neither a request nor the answer to one")
      return
    }
    draft.session.key = tape.decoded(key)
    draft.session.continuationId = .value(key)
    draft.session.isMade = true
    let calls = Calls(halves, of: tape)
    var index = 0
    tape.forEachElement(halves) { element in
      mapHalf(
        element, numbers.isEmpty ? index : numbers[index], calls, isWhole: numbers.isEmpty,
        of: tape,
        into: &draft)
      index += 1
    }
  }

  private static func name(
    of call: CallEnvelope, in element: JSONValue, _ tape: borrowing JSONTape
  ) -> [UInt8] {
    call.call(inFile: tape.present(element, "file").map { tape.decoded($0) } ?? [], of: tape)
  }

  /// What the halves of a conversation say of each other.
  private struct Calls {
    var requested: Set<[UInt8]> = []
    var answered: Set<[UInt8]> = []
    var names: [[UInt8]: JSONValue] = [:]

    init(_ halves: JSONValue, of tape: borrowing JSONTape) {
      tape.forEachElement(halves) { element in
        guard let half = tape.present(element, "half"),
          let call = CallEnvelope(half, of: tape)
        else { return }
        let id = RequestResponse.name(of: call, in: element, tape)
        switch call.side {
        case .request:
          requested.insert(id)
          names[id] = names[id] ?? call.name
        case .response: answered.insert(id)
        }
      }
    }
  }

  private func mapHalf(
    _ element: JSONValue, _ index: Int, _ calls: Calls, isWhole: Bool,
    of tape: borrowing JSONTape, into draft: inout RecordDraft
  ) {
    var message = MessageDraft(index: index)
    let firstEntry = draft.entries.count
    let half = tape.present(element, "half")
    message.source = half
    guard let half, let call = CallEnvelope(half, of: tape) else {
      message.refusal = Refusal(
        rule: .recordShape, field: nil, message: "it is neither a request nor the answer to one")
      draft.messages.append(message)
      return
    }
    let id = Self.name(of: call, in: element, tape)
    message.occurrence = CallComposer.occurrence(id, call.side)
    message.time = tape.present(element, "at")
    draft.add("request_id", .value(call.id))
    switch call.side {
    case .request:
      request(call, element, of: tape, &message, into: &draft)
      if isWhole, !calls.answered.contains(id) {
        draft.add("tool_status", .bytes(Array(#""unanswered""#.utf8)))
        draft.notes.append(
          Refusal(
            rule: .toolCallUnanswered, field: "halves[\(index)]",
            message: "the request has no answer", messageIndex: index))
      }
    case .response:
      response(call, element, of: tape, &message, into: &draft)
      if case .absent = message.toolName, let name = calls.names[id] {
        message.toolName = .value(name)
      }
      if isWhole, !calls.requested.contains(id) {
        draft.notes.append(
          Refusal(
            rule: .toolResultOrphan, field: "halves[\(index)]",
            message: "the answer belongs to no request", messageIndex: index))
      }
    }
    keepRest(of: half, call, tape, into: &draft)
    if let file = tape.present(element, "file") { draft.addLegacy("file", .value(file)) }
    message.entries = firstEntry..<draft.entries.count
    draft.messages.append(message)
  }

  private func request(
    _ call: CallEnvelope, _ element: JSONValue, of tape: borrowing JSONTape,
    _ message: inout MessageDraft, into draft: inout RecordDraft
  ) {
    message.role = .bytes(Array("user".utf8))
    message.mayLackContent = true
    if let name = call.name { message.toolName = .value(name) }
    guard let arguments = call.arguments else { return }
    message.toolArgs =
      tape.kind(arguments) == .object ? .value(arguments) : .wrapped(.input, arguments)
    if let text = call.question(of: tape) ?? tape.present(element, "question") {
      message.content = .value(text)
    }
    if let files = tape.present(arguments, "files"), tape.kind(files) == .array {
      draft.add("files", .value(files))
      message.files = files
    }
    if let images = tape.present(arguments, "images"), tape.kind(images) == .array {
      draft.add("images", .value(images))
      message.images = images
    }
  }

  private func response(
    _ call: CallEnvelope, _ element: JSONValue, of tape: borrowing JSONTape,
    _ message: inout MessageDraft, into draft: inout RecordDraft
  ) {
    message.role = .bytes(Array("assistant".utf8))
    message.mayLackContent = true
    if let outputs = call.outputs { message.toolResult = .wrapped(.output, outputs) }
    let answer = tape.present(element, "answer")
    if let metadata = answer.flatMap({ tape.present($0, "metadata") }) {
      Usage(in: metadata, of: tape).fill(&message)
      if let name = tape.present(metadata, "tool_name") { message.toolName = .value(name) }
    }
    if let content = answer.flatMap({ tape.present($0, "content") }),
      tape.kind(content) == .string
    {
      message.content = .value(content)
    } else if let text = call.answer(of: tape) {
      message.content = .value(text)
    } else if let error = call.error {
      let text = tape.present(error, "message") ?? error
      if tape.kind(text) == .string { message.content = .value(text) }
    }
    if let error = call.error { draft.add("error", .value(error)) }
  }

  /// Keeps what of a half has no column, except its outputs a second time.
  private func keepRest(
    of half: JSONValue, _ call: CallEnvelope, _ tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    let taken = [call.id, call.name, call.arguments, call.outputs, call.error].compactMap { $0 }
    tape.forEachMember(half) { key, value in
      guard !taken.contains(value), !tape.isNull(value) else { return }
      for name in Self.kindNames where tape.equals(key, name) {
        return draft.addLegacy(name, .value(value))
      }
      if tape.equals(key, "text"), isConcatenation(value, of: call.outputs, tape) { return }
      if holds(value, taken, tape) { return keepInside(value, taken, tape, into: &draft) }
      draft.keep(key, value)
    }
  }

  /// Members that say of what kind a half is.
  private static let kindNames: [StaticString] = ["op", "jsonrpc", "method"]

  /// Whether a JSON-RPC member is the object around parts that are stored elsewhere.
  private func holds(
    _ value: JSONValue, _ taken: [JSONValue], _ tape: borrowing JSONTape
  ) -> Bool {
    var holds = false
    tape.forEachMember(value) { _, member in if taken.contains(member) { holds = true } }
    return holds
  }

  private func keepInside(
    _ value: JSONValue, _ taken: [JSONValue], _ tape: borrowing JSONTape,
    into draft: inout RecordDraft
  ) {
    tape.forEachMember(value) { key, member in
      if !taken.contains(member), !tape.isNull(member) { draft.keep(key, member) }
    }
  }

  /// Whether a text is only the outputs' texts, one behind the other.
  private func isConcatenation(
    _ value: JSONValue, of outputs: JSONValue?, _ tape: borrowing JSONTape
  ) -> Bool {
    guard let outputs, tape.kind(value) == .string else { return false }
    var texts: [[UInt8]] = []
    tape.forEachElement(outputs) { output in
      if let text = tape.present(output, "text"), tape.kind(text) == .string {
        texts.append(tape.decoded(text))
      }
    }
    let whole = tape.decoded(value)
    return ["", "\n", "\n\n"].contains { separator in
      Array(texts.joined(separator: Array(separator.utf8))) == whole
    }
  }
}
