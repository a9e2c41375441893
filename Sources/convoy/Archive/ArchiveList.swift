internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct ArchiveList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show the archives of a directory or bucket, the oldest first.",
    discussion: """
      Exit status: 0 shown, 1 failed, 64 usage, 65 the manifest of one is damaged, 69 storage unreachable, \
      74 file I/O, 78 the bucket cannot be one of archives.
      """)

  @Argument(
    help: ArgumentHelp("The directory of the archives, or store:BUCKET/PREFIX.", valueName: "root"))
  var root: String

  @OptionGroup var bucket: BucketOption

  @Flag(help: "Print a JSON array instead.")
  var json = false

  func run() async throws {
    try await reporting("archive list") {
      let history = try await bucket.place(root).history()
      FileHandle.standardOutput.write(
        Data((json ? ArchiveText.json(history) : ArchiveText.table(history)).utf8))
      guard let problem = history.problems.first else { return }
      throw RunError(
        .overBudget, history.problems.map(\.description).joined(separator: "\n"),
        hint: problem.reason == .missing ? "a directory named like an archive is none" : nil)
    }
  }
}
