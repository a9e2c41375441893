internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// The directory of one archive, as every command that reads one takes it.
struct ArchiveArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The archive's directory.", valueName: "dir"))
  var directory: String

  /// Opens the archive.
  func open() throws(RunError) -> ArchiveDirectory { try openArchive(directory) }
}

/// The key of encrypted archives, as every command that reads what is inside takes it.
struct IdentityOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of an archive encrypted by age: the file with the identity; CONVOY_IDENTITY may hold its text instead.",
      valueName: "file"))
  var identity: String?

  /// Opens an archive, and finds the key of an encrypted one if there is one.
  func open(_ directory: String) async throws -> ArchiveDirectory {
    var archive = try openArchive(directory)
    try await ArchiveKeySearch(
      identityFile: identity, environment: ProcessInfo.processInfo.environment
    ).open(&archive)
    return archive
  }
}

/// Opens an archive; of a damaged one, the failure is of the kind that damage is.
func openArchive(_ directory: String) throws(RunError) -> ArchiveDirectory {
  let path =
    directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
  do throws(ArchiveError) {
    return try ArchiveDirectory(path: path)
  } catch {
    switch error.reason {
    case .damaged, .missing: throw RunError(.overBudget, error.description)
    case .unreadable: throw RunError(.fileAccess, error.description)
    case .unknownForm: throw RunError(.failed, error.description)
    }
  }
}
