internal import Pipeline
internal import Postgres

/// One conversation as the target has it, read in one snapshot.
struct Conversation {
  struct Message {
    let role: String
    let createdAt: String
    let model: String?
    let content: String
    let toolName: String?
    /// The text of `{"input": text}`; other JSON pretty-printed by the server, which keeps every digit.
    let toolArguments: String?
    /// As the arguments, with `{"output": text}`.
    let toolResult: String?
    let tokensIn: Int
    let tokensOut: Int
    let tokens: Int
    /// What the model said instead of an answer.
    let refusal: String?
    let thinking: String?
    /// `tool` or `function` where a result stands without its call.
    let orphanRole: String?
  }

  struct File {
    let filename: String
    let sizeBytes: Int?
    let mediaType: String?
    let storagePath: String
  }

  let sessionID: String
  let continuationID: String?
  let title: String?
  let userID: String?
  let createdAt: String?
  let updatedAt: String?
  /// Sum of the costs as the server adds them; nil when no message has one.
  let cost: String?
  let messages: [Message]
  let files: [File]

  init(_ source: borrowing ConversationSource) throws(PostgresError) {
    let session = try source.session()
    sessionID = source.sessionID
    continuationID = session?[0]
    title = session?[1]
    userID = session?[2]
    createdAt = session?[3]
    updatedAt = session?[4]
    cost = try source.cost()
    messages = try source.messages().map { Message($0) }
    files = try source.files().map { File($0) }
  }
}

extension Conversation.Message {
  fileprivate init(_ row: PostgresRow) {
    role = row[0] ?? "no role"
    createdAt = row[1] ?? "no time"
    model = row[2]
    content = row.text(3)
    toolName = row[4]
    toolArguments = row[5].map(Self.indented)
    toolResult = row[6].map(Self.indented)
    tokensIn = row.integer(7)
    tokensOut = row.integer(8)
    tokens = row.integer(9)
    refusal = row[10]
    thinking = row[11]
    orphanRole = row[12].flatMap { ["tool", "function"].contains($0) ? $0 : nil }
  }

  private static func indented(_ text: String) -> String {
    IndentedJSON(text)?.text ?? text
  }
}

extension Conversation.File {
  fileprivate init(_ row: PostgresRow) {
    filename = row.text(0)
    sizeBytes = row[1].flatMap { Int($0) }
    mediaType = row[2]
    storagePath = row.text(3)
  }
}
