internal import Archive

/// Reads single records again that an input has been found to hold.
struct RecordFetcher {
  /// Reads the bytes at a place of an input; fewer where the input has become shorter.
  ///
  /// A plain file is read from there. One that is inflated or transcoded has to be gone through from its
  /// start each time, so many scattered records of a large one take long.
  static func bytes(at place: Place, of input: PlannedInput) throws(StreamError) -> [UInt8] {
    var stream = try ByteStream(path: input.path)
    var bytes: [UInt8] = []
    guard stream.isCompressed || stream.encoding != .utf8 else {
      do throws(FileError) {
        let file = try InputFile(path: input.path)
        let head = try file.bytes(at: 0, upTo: byteOrderMark.count)
        let start = place.byteOffset + (head == byteOrderMark ? byteOrderMark.count : 0)
        return try file.bytes(at: start, upTo: place.byteLength)
      } catch { throw .file(error) }
    }
    var passed = 0
    while passed < place.byteOffset {
      let more = try stream.read(into: &bytes, upTo: min(1 << 20, place.byteOffset - passed))
      guard more > 0 else { return [] }
      passed += more
      bytes.removeAll(keepingCapacity: true)
    }
    while bytes.count < place.byteLength,
      try stream.read(into: &bytes, upTo: place.byteLength - bytes.count) > 0
    {}
    return bytes
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
