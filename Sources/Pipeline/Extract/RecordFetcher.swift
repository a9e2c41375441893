internal import Archive

/// Reads single records again that inputs have been found to hold; keeps the input it read last open.
///
/// A plain file is read from the record's place. One that is inflated or transcoded is gone through from
/// where the record before ended, and from its start for one that stands before that: ask in the order of
/// the input.
struct RecordFetcher: ~Copyable {
  private var input: Int32 = -1
  private var file: InputFile?
  /// Bytes of the mark before a plain file's text.
  private var markBytes = 0
  private var stream: ByteStream?
  /// How much of the stream's text has been read.
  private var passed = 0

  /// Reads the bytes at a place of an input; fewer where the input has become shorter.
  mutating func bytes(
    at place: Place, of planned: PlannedInput
  ) throws(StreamError) -> [UInt8] {
    if input != planned.index || stream != nil && place.byteOffset < passed { try open(planned) }
    if let file = file.take() {
      do throws(FileError) {
        let bytes = try file.bytes(at: place.byteOffset + markBytes, upTo: place.byteLength)
        self.file = .some(consume file)
        return bytes
      } catch {
        input = -1
        throw .file(error)
      }
    }
    guard var stream = stream.take() else { return [] }
    // Until the record has been read: a stream that failed is not gone on with.
    input = -1
    var bytes: [UInt8] = []
    while passed < place.byteOffset {
      let more = try stream.read(into: &bytes, upTo: min(1 << 20, place.byteOffset - passed))
      guard more > 0 else { return [] }
      passed += more
      bytes.removeAll(keepingCapacity: true)
    }
    while bytes.count < place.byteLength {
      let more = try stream.read(into: &bytes, upTo: place.byteLength - bytes.count)
      guard more > 0 else { return bytes }
      passed += more
    }
    self.stream = .some(consume stream)
    input = planned.index
    return bytes
  }

  private mutating func open(_ planned: PlannedInput) throws(StreamError) {
    input = -1
    file = nil
    stream = nil
    passed = 0
    let stream = try ByteStream(path: planned.path, assuming: planned.encoding)
    if stream.isCompressed || stream.encoding != .utf8 {
      self.stream = .some(consume stream)
    } else {
      do throws(FileError) {
        let file = try InputFile(path: planned.path)
        let head = try file.bytes(at: 0, upTo: Self.byteOrderMark.count)
        markBytes = head == Self.byteOrderMark ? head.count : 0
        self.file = .some(consume file)
      } catch { throw .file(error) }
    }
    input = planned.index
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
