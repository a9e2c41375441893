internal import ArgumentParser

struct ArchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "Look at archives, verify, restore and remove them.",
    subcommands: [
      ArchiveList.self, ArchiveShow.self, ArchiveVerify.self, ArchiveRestore.self, ArchiveCat.self,
      ArchiveDiff.self, ArchivePrune.self,
    ])
}
