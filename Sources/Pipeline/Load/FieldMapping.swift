/// A field a dialect knows, and where it goes.
struct FieldMapping: Sendable {
  enum Destination: Sendable {
    case session(SessionField)
    case message(MessageField)
    /// A member of the metadata of sessions or messages.
    case sessionMetadata(String)
    case messageMetadata(String)
  }

  /// Path in the record; `[]` stands for each element.
  var source: String
  var destination: Destination

  init(_ source: String, _ destination: Destination) {
    self.source = source
    self.destination = destination
  }

  /// The fields of a dialect, in the order of its documents.
  static func of(_ format: SourceFormat) -> [FieldMapping] {
    switch format {
    case .threads: threads + usage("turns[].model_metadata")
    case .chatHistory: chatHistory
    case .openAIChat: openAIChat
    case .requestResponse: requestResponse
    case .toolCalls: toolCalls
    case .auggie: auggie
    case .conversationTracker: conversationTracker
    case .agentMemory: agentMemory
    case .messagesDump: messagesDump
    case .conversationsTable: conversationsTable
    }
  }

  private static let threads: [FieldMapping] = [
    .init("thread_id", .session(.continuationId)),
    .init("parent_thread_id", .sessionMetadata("parent_continuation_id")),
    .init("created_at", .session(.createdAt)),
    .init("last_updated_at", .session(.updatedAt)),
    .init("title", .session(.title)),
    .init("tool_name", .sessionMetadata("tool_name")),
    .init("initial_context", .sessionMetadata("initial_context")),
    .init("session_fingerprint", .sessionMetadata("session_fingerprint")),
    .init("client_friendly_name", .sessionMetadata("client_friendly_name")),
    .init("turns[].role", .message(.role)),
    .init("turns[].content", .message(.content)),
    .init("turns[].timestamp", .message(.createdAt)),
    .init("turns[].files", .message(.files)),
    .init("turns[].images", .message(.images)),
    .init("turns[].tool_name", .message(.toolName)),
    .init("turns[].model_name", .message(.model)),
    .init("turns[].model_provider", .message(.provider)),
    .init("turns[].follow_up_question", .messageMetadata("follow_up_question")),
    .init("turns[].model_metadata", .messageMetadata("model_metadata")),
  ]

  private static let chatHistory: [FieldMapping] = [
    .init("name of the file", .session(.continuationId)),
    .init("ts", .message(.createdAt)),
    .init("role", .message(.role)),
    .init("content", .message(.content)),
  ]

  private static let openAIChat: [FieldMapping] = [
    .init("digest of the record", .session(.continuationId)),
    .init("model", .message(.model)),
    .init("tools", .sessionMetadata("tools")),
    .init("functions", .sessionMetadata("functions")),
    .init("messages[].role", .message(.role)),
    .init("messages[].content", .message(.content)),
    .init("messages[].model", .message(.model)),
    .init("messages[].refusal", .messageMetadata("refusal")),
    .init("messages[].tool_calls[].function.name", .message(.toolName)),
    .init("messages[].tool_calls[].function.arguments", .message(.toolArgs)),
    .init("messages[].tool_calls[].id", .messageMetadata("tool_call_id")),
    .init("content of the call's result", .message(.toolResult)),
    .init("messages[].usage", .messageMetadata("usage")),
    .init("messages[].usage.prompt_tokens", .message(.tokensIn)),
    .init("messages[].usage.completion_tokens", .message(.tokensOut)),
  ]

  private static let requestResponse: [FieldMapping] = [
    .init("continuation_id of the answer", .session(.continuationId)),
    .init("time in the file's name", .message(.createdAt)),
    .init("op", .messageMetadata("legacy.op")),
    .init("request_id", .messageMetadata("request_id")),
    .init("name", .message(.toolName)),
    .init("arguments", .message(.toolArgs)),
    .init("arguments.prompt", .message(.content)),
    .init("arguments.files", .message(.files)),
    .init("arguments.images", .message(.images)),
    .init("outputs of the answer", .message(.toolResult)),
    .init("content of the answer", .message(.content)),
    .init("error of the answer", .messageMetadata("error")),
    .init("model_used of the answer", .message(.model)),
    .init("provider_used of the answer", .message(.provider)),
    .init("prompt_tokens of the answer", .message(.tokensIn)),
    .init("completion_tokens of the answer", .message(.tokensOut)),
  ]

  private static let messagesDump: [FieldMapping] = [
    .init("conversations.id", .session(.id)),
    .init("conversations.continuation_id", .session(.continuationId)),
    .init("conversations.title", .session(.title)),
    .init("conversations.created_at", .session(.createdAt)),
    .init("conversations.updated_at", .session(.updatedAt)),
    .init("conversations.metadata.tool_name", .sessionMetadata("tool_name")),
    .init("messages.id", .message(.id)),
    .init("messages.conversation_id", .message(.sessionId)),
    .init("messages.role", .message(.role)),
    .init("messages.content", .message(.content)),
    .init("messages.created_at", .message(.createdAt)),
    .init("messages.metadata.tool_name", .message(.toolName)),
    .init("messages.metadata.model_used", .message(.model)),
    .init("messages.metadata.model_metadata.model_name", .message(.model)),
    .init("messages.metadata.provider_used", .message(.provider)),
    .init("messages.metadata.model_metadata.model_provider", .message(.provider)),
    .init("messages.metadata.response_time_ms", .message(.latency)),
    .init("messages.metadata.token_usage.input_tokens", .message(.tokensIn)),
    .init("messages.metadata.token_usage.output_tokens", .message(.tokensOut)),
    .init("messages.metadata.file_ids", .messageMetadata("file_ids")),
    .init("messages.metadata.model_metadata", .messageMetadata("model_metadata")),
    .init("conversation_threads.thread_id", .session(.continuationId)),
    .init("conversation_threads.conversation_data.turns[].role", .message(.role)),
    .init("conversation_threads.conversation_data.turns[].content", .message(.content)),
    .init("conversation_threads.conversation_data.turns[].timestamp", .message(.createdAt)),
    .init("conversation_threads.accessed_at", .sessionMetadata("legacy.accessed_at")),
    .init("conversation_threads.expires_at", .sessionMetadata("legacy.expires_at")),
    .init("message_bus.payload.outputs[0].text.continuation_id", .session(.continuationId)),
    .init("message_bus.payload.outputs[0].text.content", .message(.content)),
    .init("message_bus.payload", .message(.toolResult)),
    .init("message_bus.tool_name", .message(.toolName)),
    .init("message_bus.provider_name", .message(.provider)),
    .init("message_bus.created_at", .message(.createdAt)),
    .init("message_bus.status", .messageMetadata("status")),
    .init("message_bus.error_message", .messageMetadata("error")),
  ]

  private static func usage(_ holder: String) -> [FieldMapping] {
    [
      .init("\(holder).usage.prompt_tokens", .message(.tokensIn)),
      .init("\(holder).usage.completion_tokens", .message(.tokensOut)),
      .init("\(holder).cost_usd", .message(.cost)),
      .init("\(holder).response_time_ms", .message(.latency)),
    ]
  }
}

/// A source's field and the column it goes to, as the report shows them.
struct MappedField: Sendable {
  var source: String
  /// `table.column`, or `table.metadata.member` of what has no column.
  var column: String
}

extension AssemblySetup {
  /// Where the fields of the dialects go in this target.
  var mapping: [MappedField] {
    dialects.flatMap(FieldMapping.of).map { field in
      MappedField(source: field.source, column: column(field.destination))
    }
  }

  private func column(_ destination: FieldMapping.Destination) -> String {
    switch destination {
    case .session(let field):
      let name = sessionLayout.column(field)?.name
      return "exai_sessions." + (name ?? "metadata.legacy")
    case .message(let field):
      if let name = messageLayout.column(field)?.name { return "exai_messages." + name }
      switch field {
      case .files: return "exai_messages.metadata.files"
      case .images: return "exai_messages.metadata.images"
      case .tokensIn, .tokensOut:
        let sum = messageLayout.column(.tokens)?.name
        return "exai_messages." + (sum.map { "\($0), metadata.legacy" } ?? "metadata.legacy")
      default: return "exai_messages.metadata.legacy"
      }
    case .sessionMetadata(let name): return "exai_sessions.metadata." + name
    case .messageMetadata(let name): return "exai_messages.metadata." + name
    }
  }
}
