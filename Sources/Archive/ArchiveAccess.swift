/// A part's file, to be read as long as the value lives.
public final class PartFile: Sendable {
  /// Where it is.
  public let path: String
  private let scratch: ScratchFile?

  /// A file that stays where it is.
  public init(path: String) {
    self.path = path
    scratch = nil
  }

  /// A copy without a name, which is gone when the value is.
  public init(_ scratch: consuming ScratchFile) {
    path = scratch.path
    self.scratch = consume scratch
  }
}

/// How what belongs to an archive is reached that is in no directory of this machine.
public struct ArchiveAccess: Sendable {
  /// Gives the file of a part, as it was written.
  public let file: @Sendable (ArchivedPart) async throws -> PartFile
  /// Gives the file of an object, as it was written.
  public let object: @Sendable (ArchivedObject) async throws -> PartFile
  /// Gives the list of the objects.
  public let list: @Sendable () async throws -> PartFile
  /// Marks the archive as verified, or takes the mark back.
  public let mark: @Sendable (_ isVerified: Bool) async throws -> Void

  /// Says how.
  public init(
    file: @escaping @Sendable (ArchivedPart) async throws -> PartFile,
    object: @escaping @Sendable (ArchivedObject) async throws -> PartFile,
    list: @escaping @Sendable () async throws -> PartFile,
    mark: @escaping @Sendable (_ isVerified: Bool) async throws -> Void
  ) {
    self.file = file
    self.object = object
    self.list = list
    self.mark = mark
  }
}
