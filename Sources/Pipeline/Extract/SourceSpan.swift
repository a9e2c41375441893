/// A stretch of a gathered record that stands for bytes of an input, and the place these have there.
struct SourceSpan: Sendable, Equatable {
  /// In the segment's bytes.
  var range: Range<Int>
  var place: Place
  /// The input's bytes, where the record has them in another form; nil where it has them as they are.
  var row: SourceRow?
}

/// A row of a dump that a record was put together from.
struct SourceRow: Sendable, Equatable {
  /// Index into ``SourceRows/layouts``.
  var layout: Int
  /// In ``SourceRows/bytes``.
  var range: Range<Int>
  /// Whether it is part of what the row before it became.
  var isMerged = false
}

/// Rows as they stood in their dumps, for records that were put together from them.
final class SourceRows: Sendable {
  let bytes: [UInt8]
  let layouts: [DumpLayout]

  init(bytes: [UInt8], layouts: [DumpLayout]) {
    self.bytes = bytes
    self.layouts = layouts
  }
}

/// Segments whose records were put together from several places, of one input or more.
extension InputSegment {
  var isGathered: Bool { !spans.isEmpty }

  /// The place of a record that was put together: that of its first stretch, with the record's own length,
  /// which no stretch of it has.
  func gatheredPlace(_ record: Range<Int>) -> Place? {
    let first = firstSpan(endingBehind: record.lowerBound)
    guard first < spans.count, record.contains(spans[first].range.lowerBound) else { return nil }
    var place = spans[first].place
    place.byteLength = record.count
    return place
  }

  /// The place in its input of bytes of a record.
  func originalPlace(_ range: Range<Int>) -> Place? {
    let first = firstSpan(endingBehind: range.lowerBound)
    guard first < spans.count else { return nil }
    let span = spans[first]
    guard span.range.lowerBound <= range.lowerBound, range.upperBound <= span.range.upperBound
    else { return nil }
    guard span.row == nil else { return span.place }
    var place = span.place
    place.byteOffset += range.lowerBound - span.range.lowerBound
    place.line += bytes.count(of: 0x0A, in: span.range.lowerBound..<range.lowerBound)
    place.byteLength = range.count
    return place
  }

  /// Spans follow each other, and a record may have very many.
  private func firstSpan(endingBehind offset: Int) -> Int {
    var (low, high) = (0, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].range.upperBound > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The bytes at a place that ``gatheredPlace(_:)`` or ``originalPlace(_:)`` gave; of rows of a dump, a
  /// dump that has only these.
  func gatheredBytes(_ place: Place) -> [UInt8] {
    for record in records where gatheredPlace(record) == place {
      return rows == nil ? Array(bytes[record]) : originalRows(of: record)
    }
    // Rows of a table are next to each other by places that are no offsets of bytes.
    if let whole = spans.first(where: { $0.row == nil && $0.place == place }) {
      return Array(bytes[whole.range])
    }
    for (number, span) in spans.enumerated() where span.place.input == place.input {
      let start = place.byteOffset - span.place.byteOffset
      guard span.row == nil else {
        if span.place == place { return originalRow(number) }
        continue
      }
      guard start >= 0, start + place.byteLength <= span.range.count else { continue }
      let from = span.range.lowerBound + start
      return Array(bytes[from..<from + place.byteLength])
    }
    return []
  }

  private func originalRows(of record: Range<Int>) -> [UInt8] {
    var out: [UInt8] = []
    var number = firstSpan(endingBehind: record.lowerBound)
    while number < spans.count, record.contains(spans[number].range.lowerBound) {
      append(spans[number], to: &out)
      number += 1
    }
    return out
  }

  /// A row, with the rows that became part of it.
  private func originalRow(_ first: Int) -> [UInt8] {
    var out: [UInt8] = []
    var number = first
    repeat {
      append(spans[number], to: &out)
      number += 1
    } while number < spans.count && spans[number].row?.isMerged == true
    return out
  }

  private func append(_ span: SourceSpan, to out: inout [UInt8]) {
    guard let rows, let row = span.row else { return }
    rows.layouts[row.layout].append(row.range, of: rows.bytes, to: &out)
  }
}
