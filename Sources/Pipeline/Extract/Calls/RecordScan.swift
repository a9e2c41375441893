internal import Archive

/// Reads inputs through a record at a time, where what belongs together is to be found out first.
enum RecordScan {
  /// Calls `body` with each record: its input, the segment it is in, and its place.
  ///
  /// Where an input ends in damage, what stands before it counts.
  /// - Returns: segments without records that say what is to be told of inputs: that one is empty, cannot be
  ///   read, or ends in damage.
  /// - Throws: ``RunError`` for a record beyond the limit.
  static func each(
    _ inputs: [PlannedInput], _ body: (PlannedInput, InputSegment, Place) -> Void
  ) throws(RunError) -> [InputSegment] {
    var remarks: [InputSegment] = []
    for input in inputs {
      var opened: InputReader?
      do throws(StreamError) {
        opened = try InputReader(input, segmentBytes: 1 << 20)
      } catch { remarks.append(.unreadable(input, error)) }
      guard var reader = opened.take() else { continue }
      while let segment = try reader.next() {
        for place in segment.recordPlaces { body(input, segment, place) }
        if let remark = segment.remark { remarks.append(remark) }
      }
    }
    return remarks
  }
}

/// Records that become one, in the order they go.
struct RecordGroup {
  var dialect: SourceFormat
  /// What the session is called; nil of a record that belongs to nothing.
  var key: [UInt8]?
  var places: [Place]
}

extension InputSegment {
  /// Where the bytes at a place of this segment's input are in ``bytes``.
  func range(of place: Place) -> Range<Int> {
    let start = place.byteOffset - byteOffset
    return start..<start + place.byteLength
  }

  /// Places of the records, blank lines left out.
  fileprivate var recordPlaces: [Place] {
    var places: [Place] = []
    var (line, counted) = (firstLine, 0)
    func add(_ untrimmed: Range<Int>) {
      let range = bytes.trimmed(untrimmed)
      guard !range.isEmpty else { return }
      line += bytes.count(of: 0x0A, in: counted..<range.lowerBound)
      counted = range.lowerBound
      places.append(
        Place(
          input: input, line: line, byteOffset: byteOffset + range.lowerBound,
          byteLength: range.count))
    }
    guard layout == .lines else {
      for record in records { add(record) }
      return places
    }
    var start = 0
    for end in lineEnds {
      add(start..<Int(end))
      start = Int(end) + 1
    }
    add(start..<bytes.count)
    return places
  }

  /// A segment without records that says of the input what this one does beside its records.
  fileprivate var remark: InputSegment? {
    let isEmpty = isFirst && isLast && bytes.isBlank(0..<bytes.count)
    guard isEmpty || damage != nil else { return nil }
    return InputSegment(
      input: input, bytes: [], layout: .lines, records: [], byteOffset: byteOffset + bytes.count,
      firstLine: firstLine, isFirst: isEmpty, isLast: isEmpty, fingerprint: fingerprint,
      damage: damage)
  }
}
