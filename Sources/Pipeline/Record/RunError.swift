internal import Archive

/// Why a command ended without doing what was asked; made once, where the stage and place are known.
public struct RunError: Error, Sendable, CustomStringConvertible {
  /// What kind of end it was; the program's exit status follows from this alone.
  public enum Kind: Sendable, Hashable {
    /// Anything not named below.
    case failed
    /// The pipeline file, or a value set over it, is refused.
    case badPipeline
    /// A file or directory could not be read or written.
    case fileAccess
    /// The database or the storage could not be reached.
    case unreachable
    /// Another run holds the lock.
    case locked
    /// More was wrong with the data than the pipeline allows.
    case overBudget
    /// A load came out other than the plan it is held to says.
    case unforeseen
    /// Stopped by a signal of this number.
    case interrupted(Int32)
  }

  /// What kind of end it was.
  public let kind: Kind
  /// Place and reason on one line; several problems take one line each.
  public let message: String
  /// What to do about it, where that is known.
  public let hint: String?

  /// Makes an error.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The message, without the hint.
  public var description: String { message }
}

extension RunError {
  /// Does something with files and makes a failure of it one of the run.
  static func onFiles<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
  ) throws(RunError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw RunError(.fileAccess, error.description)
    }
  }
}
