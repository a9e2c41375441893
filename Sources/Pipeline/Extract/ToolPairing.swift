/// Which message of a list is the result of which call.
///
/// Pairs by `tool_call_id`; the older `function_call` by name; where there is no id, in order among the
/// calls of the last assistant message that made any.
struct ToolPairing {
  /// One call, named by its message and its place in it.
  struct Call: Hashable {
    var message: Int
    var number: Int
  }

  private(set) var resultOfCall: [Call: JSONValue] = [:]
  /// Position of each of these results.
  private(set) var indexOfResult: [Call: Int] = [:]
  private(set) var isFolded: Set<Int> = []

  private var pending: [Pending] = []
  private var latest = -1

  private struct Pending {
    var call: Call
    var id: [UInt8]?
    var name: [UInt8]?
  }

  /// Pairs nothing yet.
  init() {}

  /// `numbers` are the positions of the list's messages where these are not all there were; the first has
  /// the position `first` otherwise.
  init(
    _ list: JSONValue, from first: Int = 0, numbers: [Int] = [], of tape: borrowing JSONTape
  ) {
    add(list, from: first, numbers: numbers, of: tape)
  }

  /// Pairs further messages of the list, and forgets which calls before them had a result.
  ///
  /// - Returns: the positions of calls and of the results found for them.
  mutating func next(
    _ list: JSONValue, from first: Int, of tape: borrowing JSONTape
  ) -> [(first: Int, last: Int)] {
    (resultOfCall, indexOfResult, isFolded) = ([:], [:], [])
    add(list, from: first, numbers: [], of: tape)
    return indexOfResult.map { ($0.key.message, $0.value) }
  }

  private mutating func add(
    _ list: JSONValue, from first: Int, numbers: [Int], of tape: borrowing JSONTape
  ) {
    var position = -1
    tape.forEachElement(list) { message in
      position += 1
      let index = numbers.isEmpty ? first + position : numbers[position]
      guard tape.kind(message) == .object, let role = tape.member(message, "role") else { return }
      let calls = ToolCall.all(of: message, of: tape)
      if !calls.isEmpty {
        latest = index
        for (number, call) in calls.enumerated() {
          pending.append(
            Pending(
              call: Call(message: index, number: number),
              id: call.id.flatMap { Self.text($0, of: tape) },
              name: call.name.flatMap { Self.text($0, of: tape) }))
        }
      }
      guard tape.equals(role, "tool") || tape.equals(role, "function") else { return }
      let id = tape.present(message, "tool_call_id").flatMap { Self.text($0, of: tape) }
      let name = tape.present(message, "name").flatMap { Self.text($0, of: tape) }
      var match: Int?
      for (place, waiting) in pending.enumerated() {
        let isAnswered: Bool
        if let id {
          isAnswered = waiting.id == id
        } else if waiting.id != nil, !tape.equals(role, "tool") {
          isAnswered = false
        } else if tape.equals(role, "function"), let name {
          isAnswered = waiting.name == name
        } else {
          isAnswered = waiting.call.message == latest
        }
        // Ids are used again: a result belongs to the latest message that made such a call.
        if isAnswered, match.map({ pending[$0].call.message < waiting.call.message }) ?? true {
          match = place
        }
      }
      guard let match else { return }
      resultOfCall[pending[match].call] = message
      indexOfResult[pending[match].call] = index
      isFolded.insert(index)
      pending.remove(at: match)
    }
  }

  private static func text(_ value: JSONValue, of tape: borrowing JSONTape) -> [UInt8]? {
    tape.kind(value) == .string ? tape.decoded(value) : nil
  }
}

/// One call as an assistant message makes it, in any of the three spellings.
struct ToolCall {
  var id: JSONValue?
  var name: JSONValue?
  var arguments: JSONValue?
  /// A part whose text is the whole call as JSON: `{"name":…,"arguments":…}`.
  var text: JSONValue?
  /// The call as it is written, where it says more than its id, name and arguments.
  var whole: JSONValue?

  /// The calls of a message in source order.
  static func all(of message: JSONValue, of tape: borrowing JSONTape) -> [ToolCall] {
    var calls: [ToolCall] = []
    if let list = tape.present(message, "tool_calls"), tape.kind(list) == .array {
      tape.forEachElement(list) { element in
        guard tape.kind(element) == .object else { return }
        let inner = tape.present(element, "function")
        let function = inner ?? tape.present(element, "custom") ?? element
        let isPlain =
          if let inner {
            saysOnly(["id", "function"], element, tape)
              && saysOnly(["name", "arguments"], inner, tape)
          } else {
            saysOnly(["id", "name", "arguments"], element, tape)
          }
        calls.append(
          ToolCall(
            id: tape.present(element, "id"), name: tape.present(function, "name"),
            arguments: tape.present(function, "arguments") ?? tape.present(function, "input"),
            whole: isPlain ? nil : element))
      }
    }
    if let function = tape.present(message, "function_call"), tape.kind(function) == .object {
      calls.append(
        ToolCall(
          name: tape.present(function, "name"), arguments: tape.present(function, "arguments"),
          whole: saysOnly(["name", "arguments"], function, tape) ? nil : function))
    }
    if let content = tape.present(message, "content"), tape.kind(content) == .array {
      tape.forEachElement(content) { part in
        guard tape.kind(part) == .object, let type = tape.present(part, "type"),
          tape.equals(type, "tool_call")
        else { return }
        calls.append(ToolCall(text: tape.present(part, "value") ?? tape.present(part, "text")))
      }
    }
    return calls
  }

  /// Whether `tool_calls` is a list of objects, so that each is one of the message's calls.
  static func areAllObjects(_ value: JSONValue, of tape: borrowing JSONTape) -> Bool {
    guard tape.kind(value) == .array else { return false }
    var areObjects = true
    tape.forEachElement(value) { if tape.kind($0) != .object { areObjects = false } }
    return areObjects
  }

  /// Whether an object has no members but these, none of them twice.
  private static func saysOnly(
    _ names: [StaticString], _ object: JSONValue, _ tape: borrowing JSONTape
  ) -> Bool {
    guard tape.kind(object) == .object else { return false }
    var saysMore = tape[object].flags.contains(.duplicates)
    tape.forEachMember(object) { key, value in
      var isKnown = tape.isNull(value)
      for name in names where tape.equals(key, name) { isKnown = true }
      if tape.equals(key, "type") { isKnown = tape.equals(value, "function") }
      if !isKnown { saysMore = true }
    }
    return !saysMore
  }
}
