internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct RejectsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show what is in a rejects.jsonl, by rule and line by line.",
    discussion: """
      The records themselves are not printed; control characters of all else are spelled out.

      Exit status: 0 shown, 3 shown but some lines cannot be read, 64 usage, 74 file I/O.
      """)

  @Argument(help: "A rejects.jsonl that a run wrote.")
  var file: String

  @Option(help: ArgumentHelp("Only rejects of this rule, such as role.unknown.", valueName: "rule"))
  var rule: String?

  @Option(
    help: ArgumentHelp(
      "Rejects listed one by one, the first ones; 20 if not given.", valueName: "n"))
  var limit = 20

  @Flag(help: "Print one JSON object instead.")
  var json = false

  func validate() throws {
    guard limit >= 0 else { throw ValidationError("--limit must not be below 0") }
    if let rule, Rule(rawValue: rule) == nil {
      throw ValidationError("--rule \(rule) is none of convoy's rules")
    }
  }

  func run() async throws {
    try await reporting("rejects list") {
      let summary = try RejectSummary(file, only: rule.flatMap(Rule.init(rawValue:)), limit: limit)
      FileHandle.standardOutput.write(Data(try text(of: summary).utf8))
      if !summary.damages.isEmpty { throw ExitCode(ExitStatus.rejects) }
    }
  }
  private func text(of summary: RejectSummary) throws -> String {
    json ? try summary.json() : summary.text
  }
}
