internal import ArgumentParser
internal import Pipeline

struct SchemaPlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Print the SQL that apply would run; writes nothing.",
    discussion: """
      Exit status: 0 printed, also when there is nothing to apply; 1 the schema clashes, 64 usage, \
      69 database unreachable.
      """)

  @OptionGroup var target: TargetOption

  @Flag(name: .long, help: "Plan also for making exai_sessions and exai_messages where absent.")
  var baseline = false

  func run() async throws {
    try await reporting("schema plan") {
      let state = try SchemaState(await target.connect())
      SchemaCommand.warn(state)
      let plan = try SchemaPlan(state, includingBaseline: baseline)
      print(plan.steps.isEmpty ? "-- nothing to apply" : plan.script)
    }
  }
}
