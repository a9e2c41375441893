internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// One archive, as every command that reads one takes it.
struct ArchiveArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The archive's directory, or store:BUCKET/PREFIX/NAME.", valueName: "dir"))
  var directory: String
}

/// Where archives of a bucket are.
struct BucketOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of archives in a bucket: address of the Supabase project. Default: SUPABASE_URL.",
      valueName: "url"))
  var store: String?

  /// Opens an archive.
  func open(_ directory: String) async throws(RunError) -> ArchiveDirectory {
    try await ArchivePlace.open(
      directory, store: store, environment: ProcessInfo.processInfo.environment)
  }

  /// Finds the archives of a place.
  func place(_ root: String) throws(RunError) -> ArchivePlace {
    try ArchivePlace(
      root: root, store: store, environment: ProcessInfo.processInfo.environment)
  }
}

/// The key of encrypted archives, as every command that reads what is inside takes it.
struct IdentityOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of an archive encrypted by age: the file with the identity; CONVOY_IDENTITY may hold its text instead.",
      valueName: "file"))
  var identity: String?

  /// Opens an archive, and finds the key of an encrypted one if there is one.
  func open(
    _ directory: String, in bucket: BucketOption? = nil
  ) async throws -> ArchiveDirectory {
    var archive = try await ArchivePlace.open(
      directory, store: bucket?.store, environment: ProcessInfo.processInfo.environment)
    try await ArchiveKeySearch(
      identityFile: identity, environment: ProcessInfo.processInfo.environment
    ).open(&archive)
    return archive
  }
}
