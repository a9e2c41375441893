internal import ArgumentParser
internal import Pipeline

struct SchemaApply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply the migrations the target lacks, each in one transaction.",
    discussion: """
      Exit status: 0 applied, or nothing to apply; 1 the schema clashes or a statement failed, \
      64 usage, 69 database unreachable.
      """)

  @OptionGroup var target: TargetOption

  @Flag(name: .long, help: "Make exai_sessions and exai_messages too, where absent.")
  var baseline = false

  func run() async throws {
    try await reporting("schema apply") {
      let connection = try await target.connect()
      let state = try SchemaState(connection)
      SchemaCommand.warn(state)
      let done = try state.apply(to: connection, includingBaseline: baseline)
      print(done.isEmpty ? "nothing to apply" : done.map { "done: \($0)" }.joined(separator: "\n"))
    }
  }
}
