/// What one record says of the form its file is in.
enum RecordSign: Equatable {
  /// `isSure` where what tells is wholly there, and not cut off.
  case dialect(SourceFormat, isSure: Bool)
  /// A key of Redis with a session of Auggie's, which may stand beside threads.
  case auggieKey
  /// Something else, in words.
  case other(String)
  /// Not JSON.
  case noJSON

  init(_ record: JSONSketch, layout: RecordLayout) {
    switch record.kind {
    case .object:
      self =
        Self.keyOfRedis(record) ?? Self.threads(record) ?? Self.chatHistory(record, layout)
        ?? Self.conversationTracker(record) ?? Self.openAIChat(record)
        ?? Self.requestResponse(record) ?? Self.toolCalls(record) ?? Self.auggie(record)
        ?? Self.agentMemory(record, layout)
        ?? .other(
          record.manifestName ?? Self.known.first { $0.isMet(record) }?.name
            ?? "objects of an unknown form")
    case .array where Self.areMessages(record):
      self = .dialect(.openAIChat, isSure: true)
    case .array: self = .other("lists of an unknown form")
    case .string, .number, .word: self = .other("single values")
    }
  }

  private static func threads(_ record: JSONSketch) -> RecordSign? {
    if let turns = record["turns"], turns.kind == .array {
      let areTurns = turns.values.allSatisfy {
        $0.kind == .object && ($0.has("role") || $0.has("content") || !$0.isWhole)
      }
      guard areTurns, record.has("thread_id") || !turns.values.isEmpty else { return nil }
      return .dialect(.threads, isSure: record.has("thread_id"))
    }
    // A long request comes before the turns.
    if !record.isWhole, record.has("thread_id", "created_at", "last_updated_at") {
      return .dialect(.threads, isSure: false)
    }
    return nil
  }

  /// A key with its value, or an object of them.
  private static func keyOfRedis(_ record: JSONSketch) -> RecordSign? {
    var names = record.names
    if let key = record["key"], key.kind == .string, record.has("value") { names = [key.text] }
    guard !names.isEmpty,
      names.allSatisfy({ $0.hasPrefix(threadPrefix) || $0.hasPrefix(auggiePrefix) })
    else { return nil }
    return names.contains { $0.hasPrefix(threadPrefix) }
      ? .dialect(.threads, isSure: true) : .auggieKey
  }

  private static let threadPrefix = "thread:"
  private static let auggiePrefix = "auggie:session:"

  private static func chatHistory(_ record: JSONSketch, _ layout: RecordLayout) -> RecordSign? {
    guard layout == .lines, record["ts"]?.kind == .string, record.has("role"),
      record.names.allSatisfy({ ["ts", "role", "content"].contains($0) })
    else { return nil }
    return .dialect(.chatHistory, isSure: record.has("content"))
  }

  private static func openAIChat(_ record: JSONSketch) -> RecordSign? {
    let list =
      record["messages"] ?? record["traj"]
      ?? record["body"].flatMap { $0.kind == .object ? $0["messages"] : nil }
    guard let list, areMessages(list) else { return nil }
    return .dialect(.openAIChat, isSure: true)
  }

  private static func requestResponse(_ record: JSONSketch) -> RecordSign? {
    if let operation = record["op"], ["call_tool", "call_tool_res"].contains(operation.text) {
      return .dialect(.requestResponse, isSure: record.has("request_id"))
    }
    guard record.has("jsonrpc") else { return nil }
    let isCall = record["method"]?.text == "tools/call"
    let result = record["result"].flatMap { $0.kind == .object ? $0["content"] : nil }
    return isCall || result?.kind == .array ? .dialect(.requestResponse, isSure: false) : nil
  }

  private static func areMessages(_ list: JSONSketch) -> Bool {
    list.kind == .array && !list.values.isEmpty
      && list.values.allSatisfy { $0.kind == .object && ($0.has("role") || !$0.isWhole) }
      && list.values[0].has("role")
  }

  /// A form that is known not to be a conversation that convoy reads.
  private struct Known: Sendable {
    let name: String
    let isMet: @Sendable (JSONSketch) -> Bool
  }

  private static let known: [Known] = [
    Known(name: "a report of convoy's") { $0["schema"]?.text.hasPrefix("convoy.") ?? false },
    Known(name: "rejects of convoy's, for convoy rejects retry") {
      $0.has("stage", "rule", "kind", "byteOffset")
    },
    Known(name: "rows that convoy showed or exported") {
      $0.has("table", "row") || $0.has("session_id", "role", "content", "created_at")
    },
    Known(name: "a conversation in the form of ChatGPT's export") { $0.has("mapping") },
    Known(name: "conversations in the form of ShareGPT") { $0.has("conversations") },
    Known(name: "pairs of prompt and completion") { $0.has("prompt", "completion") },
    Known(name: "pairs of instruction and output") { $0.has("instruction", "output") },
    Known(name: "answers of the OpenAI API without their questions") { $0.has("choices") },
    Known(name: "messages that say of no conversation whose they are") {
      $0.has("role", "content")
    },
    Known(name: "a conversation without messages") {
      $0["messages"]?.kind == .array || $0["turns"]?.kind == .array
    },
    Known(name: "a log of metrics") { $0.has("event", "t") },
  ]
}
