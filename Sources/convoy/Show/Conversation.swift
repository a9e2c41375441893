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
    /// Pretty-printed by the server, which keeps every digit.
    let toolArguments: String?
    let toolResult: String?
    let tokensIn: Int
    let tokensOut: Int
    let tokens: Int
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
    toolArguments = row[5]
    toolResult = row[6]
    tokensIn = row.integer(7)
    tokensOut = row.integer(8)
    tokens = row.integer(9)
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
