/// The fields of the stores that lie in files of their own.
extension FieldMapping {
  static let toolCalls: [FieldMapping] = [
    .init("name of the log and day", .session(.continuationId)),
    .init("tool_name", .message(.toolName)),
    .init("tool", .message(.toolName)),
    .init("start_ts", .message(.createdAt)),
    .init("timestamp", .message(.createdAt)),
    .init("args", .message(.toolArgs)),
    .init("params", .message(.toolArgs)),
    .init("result", .message(.toolResult)),
    .init("result_preview", .message(.content)),
    .init("message", .message(.content)),
    .init("error", .messageMetadata("error")),
    .init("provider", .message(.provider)),
    .init("latency_ms", .message(.latency)),
    .init("duration of the call in seconds", .message(.latency)),
    .init("request_id", .messageMetadata("request_id")),
    .init("end marker of the call", .messageMetadata("legacy.end")),
  ]

  static let auggie: [FieldMapping] = [
    .init("id of the session", .session(.continuationId)),
    .init("_ts", .session(.updatedAt)),
    .init("last_model", .sessionMetadata("last_model")),
    .init("meta", .sessionMetadata("meta")),
    .init("history[].prompt", .message(.content)),
    .init("history[].content", .message(.content)),
    .init("history[].tool", .message(.toolName)),
    .init("history[].model", .message(.model)),
    .init("history[].thinking_mode", .messageMetadata("thinking_mode")),
  ]

  static let conversationTracker: [FieldMapping] = [
    .init("conversation_id", .session(.continuationId)),
    .init("provider", .sessionMetadata("provider")),
    .init("created_at", .session(.createdAt)),
    .init("updated_at", .session(.updatedAt)),
    .init("expires_at", .sessionMetadata("legacy.expires_at")),
    .init("messages[].role", .message(.role)),
    .init("messages[].content", .message(.content)),
    .init("messages[].timestamp", .message(.createdAt)),
    .init("messages[].model", .message(.model)),
    .init("messages[].usage.prompt_tokens", .message(.tokensIn)),
    .init("messages[].usage.completion_tokens", .message(.tokensOut)),
  ]

  static let agentMemory: [FieldMapping] = [
    .init("session_id, else name of the file", .session(.continuationId)),
    .init("start_time of a session's file", .session(.createdAt)),
    .init("end_time of a session's file", .session(.updatedAt)),
    .init("mcp_validation of a session's file", .sessionMetadata("mcp_validation")),
    .init("elements of a session's lists", .message(.content)),
    .init("timestamp", .message(.createdAt)),
    .init("category", .messageMetadata("category")),
    .init("content", .message(.content)),
  ]
}

extension FieldMapping {
  static let conversationsTable: [FieldMapping] = [
    .init("meta ids, else user_id and created_at", .session(.continuationId)),
    .init("user_id", .session(.userId)),
    .init("rows[].id", .messageMetadata("legacy.id")),
    .init("rows[].direction", .message(.role)),
    .init("rows[].text", .message(.content)),
    .init("rows[].created_at", .message(.createdAt)),
    .init("rows[].tokens_in", .message(.tokensIn)),
    .init("rows[].tokens_out", .message(.tokensOut)),
    .init("rows[].cost", .message(.cost)),
    .init("rows[].latency_ms", .message(.latency)),
    .init("rows[].embedding", .messageMetadata("embedding")),
    .init("rows[].meta.tool_name", .message(.toolName)),
    .init("rows[].meta.model_used", .message(.model)),
    .init("rows[].meta.provider_used", .message(.provider)),
  ]
}
