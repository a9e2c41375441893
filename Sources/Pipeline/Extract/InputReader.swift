internal import Archive
internal import Crypto

/// Reads one input in segments of whole records.
///
/// Memory: one buffer of about `segmentBytes`, or of the longest record and a quarter where that is longer.
struct InputReader: ~Copyable {
  /// A record longer than this is refused rather than held: a text column ends at 1 GiB anyway.
  static let recordBytesLimit = 768 << 20

  private let input: PlannedInput
  private let segmentBytes: Int
  private let fingerprint: [UInt8]?
  private var stream: ByteStream
  private var buffer: [UInt8] = []
  private var splitter: RecordSplitter?
  private var byteOffset = 0
  private var line = 1
  private var isFirst = true
  private var isDone = false
  private var damage: String?
  private(set) var storedBytes = 0
  private let turns: LongRecordTurns?
  /// What is read of a record before it is a long one: always more than a segment, so that whoever has one asks for
  /// no further segment before it is done with it.
  private let longBytes: Int
  /// While the record under way is a long one.
  private var turn: LongRecordTurns.Turn?

  init(
    _ input: PlannedInput, segmentBytes: Int, turns: LongRecordTurns? = nil
  ) throws(StreamError) {
    self.turns = turns
    longBytes = max(LongRecordTurns.bytes, 2 * segmentBytes)
    self.input = input
    self.segmentBytes = segmentBytes
    stream = try ByteStream(path: input.path, assuming: input.encoding)
    fingerprint = input.fingerprint
  }

  /// The next records; nil at the end.
  ///
  /// - Throws: ``RunError`` for a record beyond the limit. Damaged input is no error here: the segment
  ///   carries what could be read and says why it ended.
  mutating func next() throws(RunError) -> InputSegment? {
    while !isDone {
      let isLong = buffer.count >= longBytes
      if isLong, turn == nil { turn = turns?.take() }
      // What is read too much of is held with the record.
      let target =
        isLong
        ? max(2 * longBytes, buffer.count / 4 * 5)
        : max(segmentBytes, buffer.count * 2)
      let isEnd = fill(target)
      if splitter == nil {
        splitter = RecordSplitter(RecordLayout.detect(buffer, format: input.dialect))
      }
      guard var current = splitter.take() else { return nil }
      let cut = current.scan(buffer, isEnd: isEnd)
      guard cut > 0 || isEnd else {
        splitter = current
        guard buffer.count < Self.recordBytesLimit else {
          throw RunError(
            .failed,
            "\(input.name):\(line): a record is longer than \(Self.recordBytesLimit >> 20) MiB")
        }
        continue
      }
      let records = current.take(cut: cut)
      if isEnd, damage == nil, current.isInsideContainer {
        damage = "the input ends inside the array or object that holds its records"
      }
      splitter = current
      isDone = isEnd
      if let segment = emit(cut, records, current.layout) { return segment }
    }
    return nil
  }

  /// Reads until the buffer holds `target` bytes; true at the end of the input.
  private mutating func fill(_ target: Int) -> Bool {
    buffer.reserveCapacity(target)
    do {
      while buffer.count < target {
        guard try stream.read(into: &buffer, upTo: target - buffer.count) > 0 else {
          storedBytes = stream.compressedBytesRead
          return true
        }
      }
    } catch {
      damage = error.description
      return true
    }
    storedBytes = stream.compressedBytesRead
    return false
  }

  private mutating func emit(
    _ cut: Int, _ records: [Range<Int>], _ layout: RecordLayout
  ) -> InputSegment? {
    var bytes = buffer
    buffer = Array(bytes[cut...])
    bytes.removeSubrange(cut...)
    // An input that ends in a line end leaves nothing behind it; its end is told by an empty segment.
    guard !bytes.isEmpty || isFirst || isDone else { return nil }
    let lineEnds = layout == .lines ? bytes.places(of: 0x0A) : []
    defer {
      byteOffset += cut
      line +=
        layout == .lines ? lineEnds.count : bytes.count(of: 0x0A, in: 0..<bytes.count)
      isFirst = false
    }
    let digest = fingerprint.map { _ in WyHash.hash(bytes.span, 0..<bytes.count) }
    var segment = InputSegment(
      input: input.index, bytes: bytes, layout: layout, records: records, lineEnds: lineEnds,
      byteOffset: byteOffset, firstLine: line, isFirst: isFirst, isLast: isDone,
      fingerprint: name(bytes, digest),
      digest: digest, isCompressed: stream.isCompressed, damage: damage)
    // A record that just fits a buffer was read without.
    if turn == nil, segment.bytes.count >= longBytes { turn = turns?.take() }
    segment.turn = turn.take()
    return segment
  }

  /// What names the bytes: of a file, its fingerprint, their place in it and their digest; of a pipe, which
  /// has no fingerprint that would tell it from another one, a hash that no chance repeats.
  private func name(_ bytes: [UInt8], _ digest: UInt64?) -> [UInt8] {
    var hash = SHA256()
    if let fingerprint, let digest {
      hash.update(data: fingerprint)
      hash.update(data: Array("\(byteOffset) \(bytes.count) \(digest)".utf8))
    } else {
      hash.update(data: bytes)
    }
    return Array(hash.finalize())
  }
}
