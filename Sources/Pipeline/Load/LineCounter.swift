/// Counts lines as records are passed in order.
struct LineCounter {
  var line: Int
  private var at = 0

  init(firstLine: Int) { line = firstLine }

  mutating func line(of offset: Int, in bytes: [UInt8]) -> Int {
    line += bytes.count(of: 0x0A, in: at..<offset)
    at = offset
    return line
  }
}

/// Tells the lines of places inside a record; from one to the next only what is between them is looked at.
struct LineCursor {
  /// The record it is in.
  private var record = Place(input: -1, line: 0, byteOffset: 0, byteLength: 0)
  private var at = 0
  private var line = 0

  /// The line of an offset of the segment that is inside the record at `range` and `place`.
  mutating func line(
    of offset: Int, in segment: InputSegment, from range: Range<Int>, _ place: Place
  ) -> Int {
    if record != place {
      record = place
      at = range.lowerBound
      line = place.line
    }
    if offset >= at {
      line += segment.bytes.count(of: 0x0A, in: at..<offset)
    } else {
      line -= segment.bytes.count(of: 0x0A, in: offset..<at)
    }
    at = offset
    return line
  }
}
