extension SourceFormat {
  /// The field of a record that lists its messages; empty where a record is a message.
  var messageField: String {
    switch self {
    case .threads: "turns"
    case .openAIChat: "messages"
    case .chatHistory: ""
    }
  }
}
