internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct ArchiveShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what is in an archive, by its manifest.",
    discussion: """
      Exit status: 0 shown, 1 failed, 64 usage, 65 the manifest is damaged or missing, 69 storage \
      unreachable, 74 file I/O, 78 the bucket cannot be one of archives.
      """)

  @OptionGroup var archive: ArchiveArgument

  @OptionGroup var bucket: BucketOption

  func run() async throws {
    try await reporting("archive show") {
      let text = ArchiveText.description(try await bucket.open(archive.directory))
      FileHandle.standardOutput.write(Data(text.utf8))
    }
  }
}
