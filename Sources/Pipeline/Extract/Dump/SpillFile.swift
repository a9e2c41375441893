internal import Archive
internal import Synchronization

/// A file without a name for rows that wait, which whoever has it may read; gone when the last of them ends.
final class SpillFile: Sendable {
  private let directory: String
  /// Nil until the first bytes come.
  private let file = Mutex<ScratchFile?>(nil)

  /// - Parameter directory: where the file is made, if it comes to that.
  init(in directory: String) { self.directory = directory }

  /// Appends bytes, and says where in the file they are.
  func append(_ bytes: [UInt8]) throws(FileError) -> Range<Int> {
    try file.withLock { file throws(FileError) in
      var scratch: ScratchFile
      if let made = file.take() {
        scratch = made
      } else {
        scratch = try ScratchFile(in: directory)
      }
      let start = scratch.size
      try scratch.append(bytes.span)
      let range = start..<scratch.size
      file = consume scratch
      return range
    }
  }

  /// Reads bytes that were appended.
  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    try file.withLock { file throws(FileError) in
      try file?.bytes(at: range.lowerBound, count: range.count) ?? []
    }
  }
}
