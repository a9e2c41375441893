/// Which store's words a conversation is kept in where several stores have it.
///
/// Stores that say more come first: rows with ids and times of a microsecond, calls with their arguments and
/// whole answers, threads with files and models, and last the chat history, of which a line has three
/// fields. A run of several dialects loads one after the other in this order, so that what is stored does
/// not depend on which worker was faster; what an earlier run has stored stays, whatever it came from.
extension SourceFormat {
  private var precedence: Int {
    switch self {
    case .messagesDump: 0
    // Read alone, as a table is; of rows too, though without a thread's facts.
    case .conversationsTable: 1
    // Read through together, and never of one conversation: a log of calls names none.
    case .requestResponse, .toolCalls: 2
    case .threads: 3
    case .openAIChat: 4
    case .auggie: 5
    case .conversationTracker: 6
    case .agentMemory: 7
    case .chatHistory: 8
    }
  }

  /// The dialects whose words give way to this one's.
  var poorer: [SourceFormat] { Self.allCases.filter { $0.precedence > precedence } }

  /// The dialects of a run in groups that are loaded one behind the other, the best first.
  static func phases(of dialects: some Sequence<SourceFormat>) -> [Set<SourceFormat>] {
    Dictionary(grouping: Set(dialects), by: \.precedence)
      .sorted { $0.key < $1.key }.map { Set($0.value) }
  }
}
