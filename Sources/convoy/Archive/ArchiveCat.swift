internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct ArchiveCat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Print one conversation of an archive, or other rows, one JSON object a row.",
    discussion: """
      Sessions come first, then messages, files and what else there is: {"table": …, "row": …}. Members \
      that cannot hold such rows are not read. --only is that of archive restore.

      Exit status: 0 printed, 1 there is no such session or table, 64 usage, 65 damaged, 69 storage \
      unreachable, 74 file I/O, 78 the bucket cannot be one of archives.
      """)

  @OptionGroup var archive: ArchiveArgument

  @OptionGroup var identity: IdentityOption

  @OptionGroup var bucket: BucketOption

  @Option(help: ArgumentHelp("A continuation id or a session id.", valueName: "id"))
  var session: String?

  @OptionGroup var only: OnlyOption

  func validate() throws {
    guard (session == nil) != only.terms.isEmpty else {
      throw ValidationError("either --session or --only is wanted")
    }
  }

  func run() async throws {
    try await reporting("archive cat") {
      let archive = try await identity.open(archive.directory, in: bucket)
      let selection = try session.map { ArchiveSelection(sessions: [$0]) } ?? only.selection()
      let passedOver = try await ArchivedRows(selection, of: archive).forEach { table, row in
        // A name is text, which there is nothing in for an encoder to refuse.
        let name = (try? JSONEncoder().encode(table)) ?? Data()
        let line = Data("{\"table\":".utf8) + name + Data(",\"row\":".utf8) + Data(row)
        FileHandle.standardOutput.write(line + Data("}\n".utf8))
      }
      let logger = Logger(label: "convoy") { _ in LineLogHandler() }
      if session == nil { for table in passedOver { logger.info("passed over \(table)") } }
    }
  }
}
