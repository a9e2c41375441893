import Testing

@testable import Pipeline

@Suite struct HistoryBlockTests {
  private static func ownText(in text: String) -> String? {
    let bytes = Array(text.utf8)
    return HistoryBlock.ownText(in: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// A prompt with something changed.
  private static func changed(_ change: (inout HistoryPrompt) -> Void) -> String {
    var prompt = HistoryPrompt(said: "And now?")
    change(&prompt)
    return prompt.text
  }

  private static let final = """

    IMPORTANT: This is approaching the final exchange in this conversation thread.
    Do NOT include any follow-up questions in your response.
    """

  @Test(arguments: [
    "And now?", "One\n\n  two\n\tthree ", "\n Behind an empty line",
    "=== NEW USER INPUT ===\nquoted",
    "Turn off CONVERSATION CONTINUATION: please", "ü – 水",
    "CONVERSATION CONTINUATION: is what it says\nto me",
    "Why is this there?\n\(HistoryPrompt(said: "quoted").text)\nSee?",
  ])
  func `what the user said is what is between the input's line and the instructions`(said: String) {
    #expect(Self.ownText(in: HistoryPrompt(said: said).text) == said)
    #expect(
      Self.ownText(in: HistoryPrompt(said: said, instructions: "\n\(Self.final)").text) == said)
    #expect(
      Self.ownText(
        in: HistoryPrompt(said: said, instructions: "\nCONVERSATION CONTINUATION:").text) == said)
  }

  @Test func `turns of the block may be such prompts themselves`() {
    var prompt = HistoryPrompt(said: "first")
    for said in ["second", "third"] {
      prompt = HistoryPrompt(turns: "--- Turn 1 (User) ---\n\(prompt.text)", said: said)
      #expect(Self.ownText(in: prompt.text) == said)
    }
  }

  @Test(arguments: [
    "", "And now?", "=== NEW USER INPUT ===\nAnd now?",
    " " + changed { _ in }, "\n" + changed { _ in }, "Hello\n" + changed { _ in },
    changed { $0.opening = "=== CONVERSATION HISTORY ===" },
    changed { $0.opening = "=== Conversation History (Continuation) ===" },
    changed { $0.opening += " " }, changed { $0.opening += "\r" },
    changed { $0.closing = "" }, changed { $0.closing = " \($0.closing)" },
    changed { $0.closing += "\n\($0.closing)" }, changed { $0.closing += "=" },
    changed { $0.turns += "\n\($0.opening)" }, changed { $0.turns += "\n\($0.closing)" },
    changed { $0.behind = "\n\($0.opening)\n\($0.closing)\n" },
    changed { $0.input = "" }, changed { $0.input += " And" },
    changed { $0.input = "> \($0.input)" },
    changed { ($0.turns, $0.input) = ("\($0.turns)\n\($0.input)", "") },
    changed { $0.said = "" }, changed { $0.said = " \n\t" },
    changed { $0.said += "\n\($0.opening)" }, changed { $0.said += "\n\($0.closing)" },
    changed { $0.instructions = "" }, changed { $0.instructions = "\nContinue." },
    changed { $0.instructions = "\n CONVERSATION CONTINUATION:" },
    changed { $0.instructions = "\nIMPORTANT: This is the final exchange" },
    changed { ($0.said, $0.instructions) = ("", "CONVERSATION CONTINUATION:") },
  ])
  func `a text with a mark missing, changed, doubled or displaced has none`(text: String) {
    #expect(Self.ownText(in: text) == nil)
  }

  @Test func `every shorter part of a prompt up to its instructions has none`() {
    let prompt = HistoryPrompt(said: "And now?")
    let bytes = Array(prompt.text.utf8)
    let mark = Array("\nCONVERSATION CONTINUATION:".utf8)
    let end = bytes.indices.first { bytes[$0...].starts(with: mark) }.map { $0 + mark.count }
    for count in 0..<bytes.count {
      let text = String(decoding: bytes[..<count], as: UTF8.self)
      #expect((Self.ownText(in: text) == nil) == (count < end ?? 0))
    }
  }
}
