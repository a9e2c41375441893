public import Archive
internal import Synchronization

/// `rejects.jsonl`: one JSON line for each record a run rejects.
///
/// Rejected records hold private text, so the file is readable by its owner alone. Memory beyond the
/// rejects themselves is a buffer of 64 KiB.
public final class RejectFile: Sendable {
  /// Where the file is, once there is a reject.
  public let path: String
  private let directory: ReportDirectory
  /// Protects the file and the count: the lines of one hand-over stay together.
  ///
  /// Held over the disk's sync, so workers that reject at once wait for each other.
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var file: AppendFile
    var count = 0
  }

  /// Begins a run's rejects: those of a former run are removed, the directory is not yet made.
  /// - Parameter directory: where the run's report goes.
  /// - Throws: ``FileError`` when a former file cannot be removed.
  public init(in directory: ReportDirectory) throws(FileError) {
    path = directory.rejectsPath
    let file = try AppendFile(path: path, permissions: 0o600)
    try file.removeFormer()
    state = Mutex(State(file: file))
    self.directory = directory
  }

  /// Rejects written so far.
  public var count: Int { state.withLock { $0.count } }

  /// Writes the rejects of one batch and returns when they are on disk.
  ///
  /// Call it before the batch commits: a record is then in the target, in this file, or still to
  /// be read, whenever the run is killed.
  /// - Parameter rejects: in input order; nothing happens when there are none.
  /// - Throws: ``FileError``; lines of these rejects may then be missing or cut short.
  public func append(_ rejects: [Reject]) throws(FileError) {
    guard !rejects.isEmpty else { return }
    try state.withLock { state throws(FileError) in
      if state.count == 0 { try directory.create() }
      var line = RejectLine()
      for reject in rejects {
        try line.append(reject) { bytes throws(FileError) in try state.file.write(bytes.span) }
      }
      try line.flush { bytes throws(FileError) in try state.file.write(bytes.span) }
      try state.file.sync()
      state.count += rejects.count
    }
  }

  /// Opens a file of rejects for reading back.
  /// - Parameter path: a `rejects.jsonl`, of this or another run.
  /// - Returns: a reader standing before the first reject.
  /// - Throws: ``FileError``.
  public static func read(_ path: String) throws(FileError) -> RejectReader {
    RejectReader(try InputFile(path: path))
  }
}
