internal import ArgumentParser
internal import Pipeline

/// `convoy show`: one conversation, to look at after a migration.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print one conversation from the target, in order, with its files.",
    discussion: """
      Control characters of the text are spelled out, so that it cannot command the terminal. \
      Lines are wrapped on a terminal only.

      Exit status: 0 printed, 1 not found or failed, 64 usage, 69 database unreachable.
      """)

  @Argument(help: "A continuation id, or the id of a session.")
  var id: String

  @Flag(
    name: .long,
    help: "Print one JSON object instead: {session: row, messages: [row], files: [row]}.")
  var json = false

  @OptionGroup var target: TargetOption

  func run() async throws {
    try await reporting("show") {
      let source = try ConversationSource(id, await target.connect())
      if json {
        print(try source.json())
      } else {
        let text = ConversationText(width: TerminalText.terminalColumns())
        print(text.render(try Conversation(source)), terminator: "")
      }
    }
  }
}
