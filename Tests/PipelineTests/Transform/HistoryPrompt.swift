/// What the product stored of a user before 2025-10-17, the conversation so far in front of it.
struct HistoryPrompt {
  var opening = "=== CONVERSATION HISTORY (CONTINUATION) ==="
  /// What is between first and last line of the block.
  var turns = """
    Thread: 5b1d, turn 2 of 20

    === FILES REFERENCED IN THIS CONVERSATION ===
    === src/kettle.py ===
    # NEW USER INPUT
    === END REFERENCED FILES ===

    --- Turn 1 (User) ---
    Is it on?
    """
  var closing = "=== END CONVERSATION HISTORY ==="
  var behind = "\nIMPORTANT: You are continuing an existing conversation thread.\n"
  var input = "=== NEW USER INPUT ==="
  var said: String
  var instructions = """



    CONVERSATION CONTINUATION: You can continue this discussion! (18 exchanges remaining)

    Feel free to ask clarifying questions.
    """

  var text: String {
    [opening, turns, closing, behind, input, said, instructions].joined(separator: "\n")
  }

  /// The text as it stands in JSON between quotes.
  var json: String { text.replacing("\n", with: "\\n") }
}
