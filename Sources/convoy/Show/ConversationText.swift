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
    let role = message.role + (message.orphanRole.map { " (\($0))" } ?? "")
    let parts = [role, message.createdAt, message.model].compactMap { $0 }
    var lines = ["── \(number) · " + TerminalText.safeLine(parts.joined(separator: " · "))]
    if let thinking = message.thinking { lines += summary(ofThinking: thinking) }
    if !message.content.isEmpty {
      lines += block(message.content, first: "", rest: "")
    } else if let refusal = message.refusal {
      lines += block("refusal: " + refusal, first: "", rest: "")
    }
    return lines + tool(message)
  }

  /// The call `→` by its name with its arguments, and `←` what came of it.
  private func tool(_ message: Conversation.Message) -> [String] {
    var lines: [String] = []
    let name = message.toolName.map { TerminalText.safeLine($0) }
    let isCall = message.toolArguments != nil || (name != nil && message.orphanRole == nil)
    if isCall { lines.append("  → \(name ?? "(tool without a name)")") }
    if let arguments = message.toolArguments {
      lines += block(arguments, first: "    ", rest: "    ")
    }
    // The name of a result without a call has no other arrow to stand at.
    if !isCall, let name { lines.append("  ← \(name)") }
    if let result = message.toolResult {
      lines += block(result, first: !isCall && name != nil ? "    " : "  ← ", rest: "    ")
    }
    return lines
  }

  /// The first line and how long the whole is: thinking is often longer than what came of it.
  private func summary(ofThinking text: String) -> [String] {
    guard let first = text.split(whereSeparator: \.isNewline).first else { return [] }
    let count = text.unicodeScalars.count
    let length = count == 1 ? "1 character" : "\(count) characters"
    return block("thinking: \(first) (\(length))", first: "", rest: "")
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
