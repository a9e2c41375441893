internal import Archive
internal import ArgumentParser
internal import Pipeline

/// The directory of one archive, as every command that reads one takes it.
struct ArchiveArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The archive's directory.", valueName: "dir"))
  var directory: String

  /// Opens the archive.
  func open() throws(RunError) -> ArchiveDirectory { try openArchive(directory) }
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
