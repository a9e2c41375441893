extension DumpSource.Rows {
  /// The rows of a reject, which is a dump that has only these; nil where it is none.
  ///
  /// Times without a zone are of `zone`.
  init?(of reject: Reject, zone: ZoneRules) {
    guard var tape = JSONTape() else { return nil }
    var reader = DumpReader(reject.bytes, input: reject.place.input)
    var entries: [RowSpill.Entry] = []
    var doubling: [[DoubledBackslashes]] = []
    // A row beyond the limit was none when it was rejected.
    while let row = try? reader.next() {
      let layout = reader.layouts[row.layout]
      while doubling.count < reader.layouts.count {
        let columns = reader.layouts[doubling.count].columns.count
        doubling.append(Array(repeating: DoubledBackslashes(), count: columns))
      }
      for column in reader.fields.indices where column < layout.columns.count {
        guard layout.isJSON[column], reader.fields[column].form != .null else { continue }
        var text: [UInt8] = []
        reader.fields[column].append(of: reader.buffer, to: &text)
        doubling[row.layout][column].look(at: text, &tape)
      }
      entries.append(
        RowSpill.Entry(
          hash: 0, layout: row.layout, place: reject.place(ofRow: entries.count), range: row.range))
    }
    guard !entries.isEmpty, reader.damage == nil else { return nil }
    self.init(
      number: 0, entries: entries,
      rows: SourceRows(bytes: reader.buffer, layouts: reader.layouts),
      doubled: doubling.map { $0.map(\.isDoubled) }, digest: [], storedBytes: 0,
      zone: zone)
  }
}

/// Rows of a record that was rejected in pieces.
extension DumpSource {
  /// Takes the rows of a piece, before which there were `rowCount` of the record.
  ///
  /// - Returns: why not all of the piece can be read; nil where it can.
  /// - Throws: as ``read(_:)`` does.
  mutating func add(
    _ piece: Reject, behind rowCount: inout Int
  ) throws(RunError) -> String? {
    var reader = DumpReader(piece.bytes, input: piece.place.input)
    var numbers: [Int] = []
    while var row = try reader.next() {
      row.place = piece.place(ofRow: rowCount)
      rowCount += 1
      try take(row, of: &reader, &numbers)
    }
    return reader.damage?.text
  }
}

extension Reject {
  /// The place of a row of its bytes: of a conversation, whose rows stood anywhere, its own and a number that tells
  /// the row from others.
  fileprivate func place(ofRow number: Int) -> Place {
    var place = place
    if kind == .session { place.byteOffset += number }
    return place
  }
}
