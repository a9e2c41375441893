internal import Archive
internal import ArgumentParser
internal import Logging
internal import Pipeline

struct ArchivePrune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove the archives that no rule keeps.",
    discussion: """
      An archive stays if any rule keeps it; the newest verified archive of each pipeline always does, \
      and so does one that cannot be read. In a bucket the newest of each pipeline stays, too.

      Exit status: 0 done, 1 failed, 64 usage, 69 storage unreachable, 74 file I/O, 75 a run is under way in \
      the directory, 78 the bucket cannot be one of archives.
      """)

  @Argument(
    help: ArgumentHelp("The directory of the archives, or store:BUCKET/PREFIX.", valueName: "root"))
  var root: String

  @OptionGroup var bucket: BucketOption

  @Option(name: .customLong("keep-last"), help: "The newest archives that stay.")
  var last = 0
  @Option(name: .customLong("keep-daily"), help: "Days whose newest archive stays.")
  var daily = 0
  @Option(name: .customLong("keep-weekly"), help: "ISO weeks whose newest archive stays.")
  var weekly = 0
  @Option(name: .customLong("keep-monthly"), help: "Months whose newest archive stays.")
  var monthly = 0
  @Option(name: .customLong("keep-yearly"), help: "Years whose newest archive stays.")
  var yearly = 0

  @Flag(name: .customLong("dry-run"), help: "Only say what would be removed.")
  var isDryRun = false

  func validate() throws {
    let counts = [last, daily, weekly, monthly, yearly]
    guard counts.allSatisfy({ $0 >= 0 }), counts.contains(where: { $0 > 0 }) else {
      throw ValidationError("at least one --keep-… must be above 0, and none below")
    }
  }

  func run() async throws {
    try await reporting("archive prune") {
      var keep = RetentionSpec()
      keep.last = last
      keep.daily = daily
      keep.weekly = weekly
      keep.monthly = monthly
      keep.yearly = yearly
      let logger = Logger(label: "convoy") { _ in LineLogHandler() }
      let removed = try await bucket.place(root).prune(Retention(keep), isDryRun: isDryRun) {
        logger.warning("\($0)")
      }
      for name in removed {
        print(isDryRun ? "would remove \(name)" : "removed \(name)")
      }
    }
  }
}
