internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct ArchiveShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what is in an archive, by its manifest.",
    discussion: """
      Exit status: 0 shown, 1 failed, 64 usage, 65 the manifest is damaged or missing, 74 file I/O.
      """)

  @OptionGroup var archive: ArchiveArgument

  func run() async throws {
    try await reporting("archive show") {
      let text = ArchiveText.description(try archive.open())
      FileHandle.standardOutput.write(Data(text.utf8))
    }
  }
}
