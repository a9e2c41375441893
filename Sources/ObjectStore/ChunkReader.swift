/// A chunk of a file on its way, read piece by piece and checked as it is read.
struct ChunkReader {
  private let file: SourceFile
  private let range: Range<Int>
  private var offset: Int
  private var check: ContentCheck

  /// - Throws: ``ObjectStoreError`` when what is before the chunk cannot be read.
  init(_ file: SourceFile, _ range: Range<Int>) throws(ObjectStoreError) {
    self.file = file
    self.range = range
    offset = range.lowerBound
    check = try file.check(upTo: range.lowerBound)
  }

  /// Reads the next bytes of the chunk; none at its end.
  ///
  /// - Throws: ``ObjectStoreError``; before the file's last bytes are given away, other content than the upload's
  ///   is `sourceChanged`.
  mutating func read(
    into target: UnsafeMutableRawBufferPointer
  ) throws(ObjectStoreError) -> Int {
    let count = min(target.count, range.upperBound - offset)
    guard count > 0 else { return 0 }
    let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<count])
    try unsafe file.read(into: piece, at: offset)
    unsafe check.update(UnsafeRawBufferPointer(piece))
    offset += count
    if offset == range.upperBound { try file.end(at: offset, check) }
    return count
  }
}
