internal import Archive

/// Reads a regular file block by block, and has the system read ahead of it from the disk meanwhile.
struct BlockReader {
  /// Small enough to stay in a core's own cache until it is hashed.
  static let blockBytes = 256 << 10
  /// How far ahead of the reading the system is asked to read from a disk.
  private static let prefetchBytes = 8 << 20
  /// Zeros in one block: few enough to see a wish to stop between two.
  private static let holeBytes = 8 << 20

  private var offset = 0
  private var prefetched = 0

  /// The next bytes, or the hole there; nothing at the end.
  ///
  /// What the buffer holds is replaced.
  mutating func next(
    of file: borrowing InputFile, into buffer: consuming [UInt8]
  ) throws(FileError) -> ContentBlock {
    if offset + Self.prefetchBytes / 2 >= prefetched && prefetched < file.openedState.size {
      file.prefetch(from: prefetched, bytes: Self.prefetchBytes)
      prefetched += Self.prefetchBytes
    }
    if file.hasHoles && offset < file.openedState.size {
      let hole = min(file.nextBytes(from: offset) - offset, Self.holeBytes)
      if hole > 0 {
        offset += hole
        return .zeros(hole)
      }
    }
    buffer.removeAll(keepingCapacity: true)
    offset += try file.read(into: &buffer, at: offset, upTo: Self.blockBytes)
    return .bytes(buffer)
  }
}
