internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct ArchiveVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read an archive back and compare every byte with its manifest.",
    discussion: """
      Each damaged part is named, with the member the damage is in. An archive found sound as a whole \
      is marked, so that prune keeps the newest of those. Of encrypted parts, the files as they are are \
      compared, and with the key also what is inside.

      Exit status: 0 sound, 1 failed, 64 usage, 65 damaged, 69 database or storage unreachable, 74 file I/O, \
      130/143 interrupted.
      """)

  @OptionGroup var archive: ArchiveArgument

  @OptionGroup var identity: IdentityOption

  @OptionGroup var bucket: BucketOption

  @Option(
    help: ArgumentHelp(
      "Only such a share of the parts, other ones each day, such as 1/7.", valueName: "1/n"))
  var fraction: String?

  @Flag(
    name: .customLong("restore-test"),
    help: "Also restore it into a schema of its own, compare, and drop the schema.")
  var restoreTest = false

  @OptionGroup var target: TargetOption

  func validate() throws {
    guard share != nil else { throw ValidationError("--fraction must be 1/N, such as 1/7") }
    guard restoreTest || target.target == nil else {
      throw ValidationError("--target goes with --restore-test only")
    }
  }

  private var share: Int? {
    guard let fraction else { return 1 }
    guard fraction.hasPrefix("1/"), let share = Int(fraction.dropFirst(2)), share > 0 else {
      return nil
    }
    return share
  }

  func run() async throws {
    try await reporting("archive verify") {
      let archive = try await identity.open(archive.directory, in: bucket)
      let logger = Logger(label: "convoy") { _ in LineLogHandler() }
      let verification = ArchiveVerification(archive)
      let today = Int(Date.now.timeIntervalSince1970 / 86_400)
      let parts = verification.parts(oneIn: share ?? 1, day: today)
      let (objects, listDamages) = try await verification.objects(oneIn: share ?? 1, day: today)
      let damages = try await working(logger) { progress, _ in
        let damages = try await verification.damages(parts) { bytes, rows in
          progress.add(bytes: bytes, rows: rows, rejects: 0)
        }
        return try await damages + listDamages
          + verification.damages(objects) { bytes in
            progress.add(bytes: bytes, rows: 0, rejects: 0)
          }
      }
      guard damages.isEmpty else {
        try await verification.unmark()
        throw RunError(
          .overBudget, damages.map { "\(archive.path)/\($0)" }.joined(separator: "\n"))
      }
      let isWhole = parts.count == verification.parts().count
      if isWhole { try await verification.mark() }
      let isInsideRead = archive.manifest.encryption == nil || archive.key != nil
      print(
        "sound: \(parts.count) of \(verification.parts().count) parts"
          + (objects.isEmpty ? "" : ", \(objects.count) objects")
          + (isInsideRead ? "" : " as encrypted; what is inside takes the key to read"))
      if restoreTest { try await restore(archive, logger) }
    }
  }

  private func restore(_ archive: ArchiveDirectory, _ logger: Logger) async throws {
    var options = ArchiveRestoration.Options()
    options.schema = "convoy_restore_test_\(UInt32.random(in: 0 ... .max))"
    options.isTest = true
    let (settings, choice) = (options, try target.choice())
    let result = try await working(logger) { progress, stop in
      try await ArchiveRestoration(
        archive, to: choice, options: settings, progress: progress, stop: stop
      ).run()
    }
    try RestoreText.conclude(result)
  }
}
