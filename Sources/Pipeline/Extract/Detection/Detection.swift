internal import Archive

/// What a file is, told from its first bytes.
public struct Detection: Sendable, Equatable {
  /// What was found out.
  public enum Finding: Sendable, Equatable {
    /// Conversations in a form that convoy reads.
    case conversations(SourceFormat)
    /// Anything else.
    case other
    /// It could not be looked at, or is a dump of a kind that is not read.
    case unreadable
  }

  /// How much speaks for it.
  public enum Confidence: String, Sendable {
    /// Everything that was seen.
    case certain
    /// Most of what was seen, or the beginning of what was cut off.
    case likely
  }

  /// The file, as it was found.
  public let path: String
  /// What it is.
  public let finding: Finding
  /// How much speaks for it.
  public let confidence: Confidence
  /// What tells, in words; quotes nothing of the file.
  public let reason: String

  /// The form of its conversations; nil of a file that has none.
  public var dialect: SourceFormat? {
    guard case .conversations(let dialect) = finding else { return nil }
    return dialect
  }
}

extension Detection {
  /// Looks at files, and at all files below directories, in the order a run would read them.
  ///
  /// Memory: the paths of a directory's files, and 64 KiB. Nothing is read of what is no file.
  /// - Parameters:
  ///   - paths: files and directories.
  ///   - body: is given what each is.
  public static func each(of paths: [String], _ body: (Detection) -> Void) {
    for path in paths {
      let tree = InputTree.files(under: path)
      for file in tree.files { body(Detection(of: file)) }
      for error in tree.unreadable {
        body(
          Detection(
            path: error.path, finding: .unreadable, confidence: .certain,
            reason: error.description))
      }
      for other in tree.skipped {
        body(
          Detection(
            path: other.path, finding: .other, confidence: .certain, reason: other.reason.rawValue))
      }
    }
  }
}
