internal import Archive
internal import Dispatch

/// Reads a file on a thread of its own, some blocks ahead of the one that hashes them.
///
/// One at a time for each hashing thread. Holds at most 10 blocks, 2.5 MiB: those read ahead, the one being
/// read and the one being hashed.
final class ReadAhead: Sendable {
  private static let depth = 8

  /// What is known of a file when its last block has been read.
  struct Ending: Sendable {
    let state: FileState
    /// As ``FileHash/finish()`` gives them; none if they were not wanted.
    let chunks: [FileDigest]
  }

  private struct State {
    var filled: [ContentBlock] = []
    /// Buffers to be used again.
    var spare: [[UInt8]] = []
    var ending: Result<Ending, FileError>?
    /// Nobody waits for more blocks.
    var isAbandoned = false
  }

  /// Shares the file between the two threads; closed when neither needs it.
  private final class SharedFile: Sendable {
    let file: InputFile
    init(_ file: consuming InputFile) { self.file = file }
  }

  private let monitor = Monitor(State())
  private let queue: DispatchQueue

  init(number: Int) { queue = DispatchQueue(label: "convoy.reader.\(number)") }

  /// Reads a regular file to its end; nil when `take`, which gets the blocks in order, ended it by false.
  ///
  /// Chunks are hashed on the reading thread, beside what `take` does on the caller's.
  func read(
    _ file: consuming InputFile, withChunks: Bool, _ take: (ContentBlock) -> Bool
  ) throws(FileError) -> Ending? {
    monitor.update { state in
      state.filled = []
      state.ending = nil
      state.isAbandoned = false
    }
    let shared = SharedFile(file)
    queue.async { self.fill(shared.file, withChunks: withChunks) }
    while let block = nextBlock() {
      guard take(block) else {
        // Waits for the reader to notice, as it must not meet the next file's state.
        monitor.update { $0.isAbandoned = true }
        _ = monitor.wait { $0.ending }
        return nil
      }
      if case .bytes(let buffer) = block { monitor.update { $0.spare.append(buffer) } }
    }
    return try monitor.wait { $0.ending }.get()
  }

  /// Waits for a block; nil when there will be none.
  private func nextBlock() -> ContentBlock? {
    monitor.wait { state -> ContentBlock?? in
      if !state.filled.isEmpty { return .some(state.filled.removeFirst()) }
      return state.ending == nil ? nil : .some(nil)
    }
  }

  private func fill(_ file: borrowing InputFile, withChunks: Bool) {
    let ending: Result<Ending, FileError>
    do throws(FileError) {
      ending = .success(try readBlocks(of: file, withChunks: withChunks))
    } catch {
      ending = .failure(error)
    }
    monitor.update { $0.ending = ending }
  }

  private func readBlocks(
    of file: borrowing InputFile, withChunks: Bool
  ) throws(FileError) -> Ending {
    var chunks = withChunks ? ChunkHash() : nil
    var reader = BlockReader()
    while let buffer = nextBuffer() {
      let block = try reader.next(of: file, into: buffer)
      guard block.byteCount > 0 else { break }
      chunks?.update(block)
      monitor.update { $0.filled.append(block) }
    }
    return Ending(state: try file.state(), chunks: chunks?.finish() ?? [])
  }

  /// Waits for room; nil when nobody wants more.
  private func nextBuffer() -> [UInt8]? {
    monitor.wait { state -> [UInt8]?? in
      if state.isAbandoned { return .some(nil) }
      guard state.filled.count < Self.depth else { return nil }
      return .some(state.spare.popLast() ?? [])
    }
  }
}
