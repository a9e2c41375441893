/// A stretch of a gathered record that is bytes of an input, and the place these have there.
struct SourceSpan: Sendable, Equatable {
  /// In the segment's bytes.
  var range: Range<Int>
  var place: Place
}

/// Segments whose records were put together from several places, of one input or more.
extension InputSegment {
  var isGathered: Bool { !spans.isEmpty }

  /// The place of a record that was put together: that of its first stretch, with the record's own length,
  /// which no stretch of it has.
  func gatheredPlace(_ record: Range<Int>) -> Place? {
    guard let first = spans.first(where: { record.contains($0.range.lowerBound) }) else {
      return nil
    }
    var place = first.place
    place.byteLength = record.count
    return place
  }

  /// The place in its input of bytes of a record.
  func originalPlace(_ range: Range<Int>) -> Place? {
    guard
      let span = spans.first(where: {
        $0.range.lowerBound <= range.lowerBound && range.upperBound <= $0.range.upperBound
      })
    else { return nil }
    var place = span.place
    place.byteOffset += range.lowerBound - span.range.lowerBound
    place.line += bytes.count(of: 0x0A, in: span.range.lowerBound..<range.lowerBound)
    place.byteLength = range.count
    return place
  }

  /// The bytes at a place that ``gatheredPlace(_:)`` or ``originalPlace(_:)`` gave.
  func gatheredBytes(_ place: Place) -> [UInt8] {
    for record in records where gatheredPlace(record) == place { return Array(bytes[record]) }
    for span in spans where span.place.input == place.input {
      let start = place.byteOffset - span.place.byteOffset
      guard start >= 0, start + place.byteLength <= span.range.count else { continue }
      let from = span.range.lowerBound + start
      return Array(bytes[from..<from + place.byteLength])
    }
    return []
  }
}
