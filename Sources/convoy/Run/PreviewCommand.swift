internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct PreviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract:
      "Print the first sessions and messages as they would be stored, one JSON object a line.",
    discussion: """
      Rows are encoded as for the load and read back by the target, in a transaction that is \
      rolled back.

      Exit status: 0 done, 1 failed, 64 usage, 69 database unreachable, 74 file I/O, \
      78 bad pipeline file.
      """)

  @OptionGroup var options: PipelineOptions

  @Option(help: ArgumentHelp("Rows of each kind.", valueName: "n"))
  var limit = 5

  func validate() throws {
    guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1…10000") }
  }

  func run() async throws {
    try await reporting("preview") {
      let plan = try options.plan()
      try await Preview(plan, limit: limit).lines { line in
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
      }
    }
  }
}
