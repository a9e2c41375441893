internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct FilesVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare the rows of files with the objects of the bucket, both ways.",
    discussion: """
      Told are rows without an object, objects without a row, and objects of another size than their row \
      says; with --read also those of another content. While a run stores files, what it has just sent can \
      show as an object without a row.

      --repair sends again what is missing or other, from a file with the same SHA-256 below the pipeline's \
      roots or --from, and removes objects without a row after asking. It removes no row.

      Exit status: 0 in step, 1 failed, 64 usage, 65 not in step, 69 database or storage unreachable, \
      74 file I/O, 75 a run is under way and nothing was removed, 78 bad pipeline file, 130/143 interrupted.
      """)

  @Argument(help: "The pipeline that stored the files; names store, target and roots.")
  var pipeline: String?

  @OptionGroup var place: StoreOptions

  @Option(
    name: .customLong("read"), defaultAsFlag: "100%",
    help: ArgumentHelp(
      "Read the objects too and compare their SHA-256, or a share of them, other ones each day.",
      valueName: "n%"))
  var read: String?

  @Flag(help: "Bring rows and objects into step.")
  var repair = false

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp("Look for contents here too, to repair. Repeatable.", valueName: "path"))
  var sources: [String] = []

  @Flag(name: .long, help: "Remove objects without a row and do not ask.")
  var yes = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if let read, ReadShare.percent(read) == nil {
      throw ValidationError("--read must be a share such as 5%")
    }
    guard repair || sources.isEmpty && !yes else {
      throw ValidationError("--from and --yes go with --repair")
    }
  }

  func run() async throws {
    try await reporting("files verify") {
      let place = try await place.open(pipeline: pipeline)
      let logger = Logger(label: "convoy") { _ in LineLogHandler() }
      logger.info("store: \(place.plan)")
      let day = Int(Date.now.timeIntervalSince1970 / 86_400)
      let share = read.flatMap(ReadShare.percent).map { ReadShare(percent: $0, day: day) }
      let (isRepaired, sources) = (repair, place.sources + sources)
      let outcome = try await working(logger) { progress, stop in
        var outcome = try await FilesVerification(
          place.store, bucket: place.plan.bucket, target: place.target, reading: share ?? .none,
          progress: progress, stop: stop
        ).run()
        guard isRepaired, !outcome.problems.isEmpty else { return outcome }
        let cache = HashCache(
          in: try StateDirectory(environment: ProcessInfo.processInfo.environment))
        try await FilesRepair(
          place.store, bucket: place.plan.bucket, target: place.target, sources: sources,
          workers: LoadSpec.defaultWorkers, cache: cache, stop: stop
        ).run(&outcome.problems) { count, bytes in mayRemove(count, bytes) }
        return outcome
      }
      print(json ? FilesText.json(outcome) : FilesText.text(outcome), terminator: "")
      guard outcome.problems.allSatisfy(\.isSettled) else {
        throw ExitCode(ExitStatus.budgetOrDamage)
      }
    }
  }

  private func mayRemove(_ count: Int, _ bytes: Int) -> Bool {
    if yes { return true }
    guard isatty(STDIN_FILENO) == 1 else { return false }
    let question =
      "Remove \(count) objects without a row (\(ArchiveText.size(bytes)))? Type yes to confirm: "
    FileHandle.standardError.write(Data(question.utf8))
    return readLine() == "yes"
  }
}
