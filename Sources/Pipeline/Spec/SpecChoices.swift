/// The forms a source can be in.
public enum SourceFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// Thread documents, as JSONL, one document, an array or a key-value dump.
  case threads
  /// A directory of `<continuation id>.jsonl`.
  case chatHistory = "chat-history"
  /// Objects with a `messages` array.
  case openAIChat = "openai-chat"
  /// Requests of tools and their answers, in files of their own.
  case requestResponse = "request-response"
  /// Logs of tool calls, of any of the record shapes they have.
  case toolCalls = "tool-calls"
  /// The session store of the Auggie command line.
  case auggie
  /// Documents of the conversation tracker's cache.
  case conversationTracker = "conversation-tracker"
  /// Notes that agents keep, as a list or an object for each of their sessions.
  case agentMemory = "agent-memory"
  /// Rows of `conversations`, `messages` and the tables beside them, as a dump in SQL or as CSV.
  case messagesDump = "messages-dump"
  /// Rows of the legacy table `conversations`, of a database.
  case conversationsTable = "conversations-table"
}

/// What a pipeline says of the form its records are in.
public enum FormatChoice: RawRepresentable, Sendable, Hashable, CaseIterable {
  /// Every input has this form.
  case one(SourceFormat)
  /// Each input is looked at, and those that are no conversations are left alone.
  case auto

  /// The forms in their order, then `auto`.
  public static let allCases = SourceFormat.allCases.map(one) + [.auto]

  /// Reads the word of a pipeline file.
  public init?(rawValue: String) {
    guard rawValue != "auto" else {
      self = .auto
      return
    }
    guard let format = SourceFormat(rawValue: rawValue) else { return nil }
    self = .one(format)
  }

  /// The word of a pipeline file.
  public var rawValue: String {
    switch self {
    case .one(let format): format.rawValue
    case .auto: "auto"
    }
  }

  /// Whether records of this form may be met; a dump has thread documents among its rows.
  func mayBe(_ format: SourceFormat) -> Bool {
    self == .auto || self == .one(format) || self == .one(.messagesDump) && format == .threads
  }
}

/// How the characters of inputs are stored that have no byte order mark.
public enum InputEncoding: String, Sendable, Hashable, CaseIterable {
  /// UTF-8.
  case utf8 = "utf-8"
  /// A byte a character: Windows-1252, of which ISO 8859-1 is a part.
  case windows1252 = "windows-1252"
}

/// Where the title of a session comes from.
public enum TitleRule: String, Sendable, Hashable, CaseIterable {
  /// The source's own title, else the first user message.
  case stored
  /// The start of the first user message, whatever the source says.
  case firstUserMessage = "first-user-message"
  /// No title.
  case none
}

/// The roles the messages table takes.
public enum StoredRole: String, Sendable, Hashable, CaseIterable {
  /// What a person said.
  case user
  /// What a model said.
  case assistant
  /// Everything else: instructions, tool calls and their results.
  case system

  /// The raw value, for rows.
  var text: StaticString {
    switch self {
    case .user: "user"
    case .assistant: "assistant"
    case .system: "system"
    }
  }
}

/// What to do with text Postgres cannot hold: NUL, lone surrogates, invalid UTF-8.
public enum TextPolicy: String, Sendable, Hashable, CaseIterable {
  /// Reject the message.
  case reject
  /// Put U+FFFD in its place.
  case replace
  /// Put a visible escape in its place.
  case mark
}

/// What becomes of a history block: the conversation so far, inside what a user said.
public enum HistoryBlockPolicy: String, Sendable, Hashable, CaseIterable {
  /// The content is the whole text.
  case keep
  /// The content is the user's own text, and the whole goes to metadata.
  case strip
}

/// What becomes of a row of the legacy table that has no text.
public enum NullText: String, Sendable, Hashable, CaseIterable {
  /// It is rejected.
  case reject
  /// It is stored with an empty content.
  case empty
}

/// What becomes of the embeddings of a conversations table.
public enum EmbeddingPolicy: String, Sendable, Hashable, CaseIterable {
  /// They are counted, and stay where they are.
  case drop
  /// Each goes to its message's metadata, as numbers.
  case metadata
  /// Those of a session are a file in the store.
  case object
}

/// How ids are made from the data.
public enum IdScheme: String, Sendable, Hashable, CaseIterable {
  /// UUIDv8 that begins with the record's time: rows are appended at the index's right edge.
  case v8
  /// Name-based UUIDv5.
  case v5
}

/// Whether something beside the columns is stored.
public enum Keep: String, Sendable, Hashable, CaseIterable {
  /// It goes to metadata.
  case keep
  /// It is left out, and counted.
  case drop
}

/// What becomes of the target's indexes and keys while rows are loaded.
public enum LoadStrategy: String, Sendable, Hashable, CaseIterable {
  /// `rebuild` for a large input into empty tables that nobody else uses, else `online`.
  case auto
  /// They stay.
  case online
  /// They are dropped before the first row and made again as they were behind the last.
  case rebuild
}

/// What becomes of a row whose id the target has already.
public enum ConflictPolicy: String, Sendable, Hashable, CaseIterable {
  /// The target's row stays; a session's times widen.
  case skip
  /// The later state of the two wins.
  case update
  /// The run ends.
  case fail
}
