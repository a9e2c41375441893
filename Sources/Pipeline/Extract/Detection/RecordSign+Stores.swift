/// Signs of the stores that lie in files of their own.
extension RecordSign {
  static func toolCalls(_ record: JSONSketch) -> RecordSign? {
    guard
      record.has("tool_name", "start_ts")
        || record.has("tool", "timestamp")
          && ["event", "duration_s", "error"].contains(where: record.names.contains)
    else { return nil }
    return .dialect(.toolCalls, isSure: true)
  }

  static func auggie(_ record: JSONSketch) -> RecordSign? {
    if let history = record["history"], history.kind == .array {
      return record.has("session_id") ? .dialect(.auggie, isSure: record.has("_ts")) : nil
    }
    let areSessions = record.values.allSatisfy {
      $0.kind == .object && ($0["history"]?.kind == .array || !$0.isWhole)
    }
    guard areSessions, let first = record.values.first, first.has("history") else { return nil }
    return .dialect(.auggie, isSure: true)
  }

  static func conversationTracker(_ record: JSONSketch) -> RecordSign? {
    guard record.has("conversation_id", "provider"), record["messages"]?.kind == .array else {
      return nil
    }
    return .dialect(.conversationTracker, isSure: record.has("expires_at"))
  }

  static func agentMemory(_ record: JSONSketch, _ layout: RecordLayout) -> RecordSign? {
    if layout == .elements, record.has("timestamp", "category", "content"), !record.has("role") {
      return .dialect(.agentMemory, isSure: true)
    }
    let lists = ["operations", "issues_found", "fixes_applied", "tools_tested", "decisions"]
    guard record.has("session_id", "start_time"), lists.contains(where: record.names.contains)
    else { return nil }
    return .dialect(.agentMemory, isSure: true)
  }
}
