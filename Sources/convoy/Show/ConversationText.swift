/// A conversation as a person reads it.
struct ConversationText {
  /// Columns lines are cut at; nil leaves them as they are.
  let width: Int?

  func render(_ conversation: Conversation) -> String {
    var lines = header(conversation)
    for (index, message) in conversation.messages.enumerated() {
      lines.append("")
      lines += render(message, number: index + 1)
    }
    if !conversation.files.isEmpty {
      lines += ["", "── files"]
      lines += conversation.files.map(render)
    }
    return lines.map { "\($0)\n" }.joined()
  }

  private func header(_ conversation: Conversation) -> [String] {
    let messages = conversation.messages
    let roles = counted(messages.map(\.role)).map { "\($0.count) \($0.value)" }
    let models = counted(messages.compactMap(\.model)).map(\.value)
    let tokensIn = messages.reduce(0) { $0 + $1.tokensIn }
    let tokensOut = messages.reduce(0) { $0 + $1.tokensOut }
    let tokens = messages.reduce(0) { $0 + $1.tokens }
    var facts: [(String, String?)] = [
      ("continuation id", conversation.continuationID),
      ("session id", conversation.sessionID),
      ("user", conversation.userID),
      ("created", conversation.createdAt),
      ("updated", conversation.updatedAt),
      ("models", models.isEmpty ? nil : models.joined(separator: ", ")),
      ("messages", "\(messages.count)" + list(roles)),
    ]
    if tokensIn + tokensOut > 0 { facts.append(("tokens", "\(tokensIn) in, \(tokensOut) out")) }
    if tokens > 0 { facts.append(("tokens", "\(tokens)")) }
    facts.append(("cost", conversation.cost.map { "\($0) USD" }))
    facts.append(("files", "\(conversation.files.count)"))
    let title = conversation.title ?? "(no title)"
    return TerminalText.lines(TerminalText.safeLine(title), width: width).map { String($0) }
      + facts.compactMap { name, value in
        guard let value else { return nil }
        let padding = String(repeating: " ", count: 17 - name.count)
        return "  \(name)\(padding)\(TerminalText.safeLine(value))"
      }
  }

  private func render(_ message: Conversation.Message, number: Int) -> [String] {
    let parts = [message.role, message.createdAt, message.model, message.toolName].compactMap { $0 }
    var lines = ["── \(number) · " + TerminalText.safeLine(parts.joined(separator: " · "))]
    if !message.content.isEmpty { lines += block(message.content, first: "", rest: "") }
    if let arguments = message.toolArguments {
      let name = TerminalText.safeLine(message.toolName ?? "(tool without a name)")
      lines.append("  → \(name)")
      lines += block(arguments, first: "    ", rest: "    ")
    }
    if let result = message.toolResult {
      lines += block(result, first: "  ← ", rest: "    ")
    }
    return lines
  }

  private func render(_ file: Conversation.File) -> String {
    let facts = [file.sizeBytes.map { "\($0) bytes" }, file.mediaType].compactMap { $0 }
    return "  " + TerminalText.safeLine(file.filename + list(facts) + "  " + file.storagePath)
  }

  private func block(_ text: String, first: String, rest: String) -> [String] {
    let lines = TerminalText.lines(TerminalText.safe(text), width: width.map { $0 - rest.count })
    return lines.enumerated().map { index, line in (index == 0 ? first : rest) + line }
  }

  private func list(_ items: [String]) -> String {
    items.isEmpty ? "" : " (\(items.joined(separator: ", ")))"
  }

  /// Distinct values in the order they first appear, each with how often it does.
  private func counted(_ values: [String]) -> [(value: String, count: Int)] {
    var counts: [String: Int] = [:]
    var order: [String] = []
    for value in values {
      if counts[value] == nil { order.append(value) }
      counts[value, default: 0] += 1
    }
    return order.map { ($0, counts[$0] ?? 0) }
  }
}
