internal import Archive
internal import ArgumentParser
internal import Pipeline

struct ArchiveDiff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changed between two archives.",
    discussion: """
      A changed row counts as one removed and one added. What is the same by its digests is not read.

      Exit status: 0 compared, 1 failed, 64 usage, 65 damaged, 69 storage unreachable, 74 file I/O, \
      78 the bucket cannot be one of archives.
      """)

  @Argument(help: ArgumentHelp("The earlier archive's directory.", valueName: "dir"))
  var former: String

  @Argument(help: ArgumentHelp("The later archive's directory.", valueName: "dir"))
  var latter: String

  @OptionGroup var identity: IdentityOption

  @OptionGroup var bucket: BucketOption

  func run() async throws {
    try await reporting("archive diff") {
      let difference = ArchiveDifference(
        try await identity.open(former, in: bucket), try await identity.open(latter, in: bucket))
      for table in try await difference.tables() {
        let counts = table.isSame ? "the same" : "\(table.added) added, \(table.removed) removed"
        print("\(table.name): \(table.rowsBefore) → \(table.rowsAfter) rows, \(counts)")
        for note in table.notes { print("  \(note)") }
      }
    }
  }
}
