internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct ArchiveCat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Print one conversation of an archive, one JSON object a row.",
    discussion: """
      The session comes first, then its messages and files: {"table": …, "row": …}. Members that \
      cannot hold its rows are not read.

      Exit status: 0 printed, 1 there is no such session, 64 usage, 65 damaged, 74 file I/O.
      """)

  @OptionGroup var archive: ArchiveArgument

  @OptionGroup var identity: IdentityOption

  @Option(help: ArgumentHelp("A continuation id or a session id.", valueName: "id"))
  var session: String

  func run() async throws {
    try await reporting("archive cat") {
      let archive = try await identity.open(archive.directory)
      let rows = try await ArchivedConversation(archive).rows(of: session)
      guard !rows.isEmpty else {
        throw RunError(.failed, "\(archive.path) has no session \(session)")
      }
      for row in rows {
        let line =
          Data("{\"table\":\"\(row.table)\",\"row\":".utf8) + Data(row.line) + Data("}\n".utf8)
        FileHandle.standardOutput.write(line)
      }
    }
  }
}
