/// Where the parts of one half of a tool call lie: the request or its answer, as sent over a WebSocket or as
/// JSON-RPC.
struct CallEnvelope {
  enum Side { case request, response }

  var side: Side
  /// What both halves have.
  var id: JSONValue
  /// Whether ids count from one again in each file.
  var isCounted = false
  var name: JSONValue?
  var arguments: JSONValue?
  /// A list of `{"type", "text"}`.
  var outputs: JSONValue?
  var error: JSONValue?

  /// Nil of anything else, and of a half without an id.
  init?(_ half: JSONValue, of tape: borrowing JSONTape) {
    guard tape.kind(half) == .object else { return nil }
    if let operation = tape.present(half, "op") {
      guard let id = tape.present(half, "request_id") else { return nil }
      if tape.equals(operation, "call_tool") {
        side = .request
      } else if tape.equals(operation, "call_tool_res") {
        side = .response
      } else {
        return nil
      }
      self.id = id
      switch side {
      case .request:
        name = tape.present(half, "name")
        arguments = tape.present(half, "arguments")
      case .response: outputs = tape.present(half, "outputs")
      }
    } else {
      guard tape.member(half, "jsonrpc") != nil, let id = tape.present(half, "id") else {
        return nil
      }
      self.id = id
      isCounted = true
      let parameters = tape.present(half, "params")
      let result = tape.present(half, "result")
      if tape.present(half, "method") != nil {
        side = .request
        name = parameters.flatMap { tape.present($0, "name") }
        arguments = parameters.flatMap { tape.present($0, "arguments") }
      } else if result != nil || tape.present(half, "error") != nil {
        side = .response
        outputs = result.flatMap { tape.present($0, "content") }
      } else {
        return nil
      }
    }
    if side == .response { error = tape.present(half, "error") }
    guard tape.kind(id) == .number || tape.kind(id) == .string && !tape.isBlank(id) else {
      return nil
    }
  }

  /// What tells a call from all others: its id, of JSON-RPC together with the file it is in.
  func call(inFile file: some Sequence<UInt8>, of tape: borrowing JSONTape) -> [UInt8] {
    let own = tape.kind(id) == .string ? tape.decoded(id) : Array(tape.bytes[tape.range(id)])
    return isCounted ? own + Array("@".utf8) + file : own
  }

  /// The text that is the answer: JSON in most answers, plain in some.
  func answer(of tape: borrowing JSONTape) -> JSONValue? {
    guard let outputs, tape.kind(outputs) == .array else { return nil }
    var first: JSONValue?
    tape.forEachElement(outputs) { output in
      guard first == nil, let text = tape.present(output, "text"), tape.kind(text) == .string
      else { return }
      first = text
    }
    return first
  }

  /// What was asked, in words; nil where only the arguments as a whole say it.
  func question(of tape: borrowing JSONTape) -> JSONValue? {
    guard let arguments else { return nil }
    for value in [tape.present(arguments, "prompt"), tape.present(arguments, "step")] {
      if let value, tape.kind(value) == .string, !tape.isBlank(value) { return value }
    }
    return nil
  }
}
