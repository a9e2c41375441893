internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct RunsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one run.",
    discussion: """
      Exit status: 0 shown, 1 not found, not one alone, or failed, 64 usage, 69 database unreachable.
      """)

  @Argument(help: "The run's id, or as much of its beginning as no other run has.")
  var run: String

  @OptionGroup var target: TargetOption

  @Flag(help: "Print one JSON object instead.")
  var json = false

  func validate() throws {
    guard !run.isEmpty, run.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
      throw ValidationError("a run's id has only hexadecimal digits and hyphens")
    }
  }

  func run() async throws {
    try await reporting("runs show") {
      let found = try RunRecord.starting(with: run.lowercased(), from: await target.connect())
      guard let only = found.first else {
        throw RunError(
          .failed, "\(run): the target knows no such run", hint: "convoy runs list shows them")
      }
      guard found.count == 1 else {
        throw RunError(
          .failed,
          "\(run): \(found.count) runs begin so: "
            + found.prefix(5).map(\.id).joined(separator: ", "), hint: "give more of the id")
      }
      let text = json ? try RunText.json(only) : RunText.page(only)
      FileHandle.standardOutput.write(Data(text.utf8))
    }
  }
}
