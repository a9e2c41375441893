/// Rows.
extension DumpReader {
  mutating func tuple(_ layout: Int?) -> Outcome {
    guard let start = buffer.span.sqlToken(from: at) else { return .cutOff }
    switch buffer[start] {
    case UInt8(ascii: ","):
      at = start + 1
      return .passed
    case UInt8(ascii: ";"):
      at = start + 1
      state = .statement
      return .passed
    case UInt8(ascii: "("): break
    case let byte:
      guard isSQLNameByte(byte) else { return refuse("the list of rows goes on with no row") }
      guard let end = buffer.span.sqlStatementEnd(from: start) else { return .cutOff }
      noteTail(start, upTo: end)
      at = end
      state = .statement
      return .passed
    }
    var values: [RowField] = []
    swap(&values, &fields)
    let found = buffer.span.sqlTuple(at: start, into: &values)
    swap(&values, &fields)
    guard let end = found else { return .cutOff }
    return row(layout, start..<end, next: end)
  }

  /// Tells of what follows the rows of an INSERT, unless it says nothing about rows.
  private mutating func noteTail(_ start: Int, upTo end: Int) {
    var wordEnd = start
    while wordEnd < end, isSQLNameByte(buffer[wordEnd]) { wordEnd += 1 }
    let word = start..<wordEnd
    let isHarmless =
      buffer.span.sqlIs(word, "ON") || buffer.span.sqlIs(word, "RETURNING")
      || buffer.span.sqlIs(word, "AS")
    guard !isHarmless else { return }
    let text = String(decoding: buffer[word.prefix(40)], as: UTF8.self).uppercased()
    let name = DumpName(table: DumpName.table(of: tableName), text: tableName)
    passed.addUnread("INSERT … VALUES … \(text)", of: name, at: place(start..<end))
  }

  mutating func copyLine(_ layout: Int?) -> Outcome {
    var end = at
    if let stop = buffer.firstIndex(of: 0x0A, in: at..<buffer.count) {
      end = stop
    } else {
      guard isEnd, isEndOfCopy(at..<buffer.count) else { return .cutOff }
      end = buffer.count
    }
    let next = min(end + 1, buffer.count)
    if end > at, buffer[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    if isEndOfCopy(at..<end) {
      at = next
      state = .statement
      return .passed
    }
    if layout != nil {
      var values: [RowField] = []
      swap(&values, &fields)
      buffer.span.copyFields(at..<end, into: &values)
      swap(&values, &fields)
    }
    return row(layout, at..<end, next: next)
  }

  private func isEndOfCopy(_ line: Range<Int>) -> Bool {
    line.count >= 2 && buffer[line.lowerBound] == UInt8(ascii: "\\")
      && buffer[line.lowerBound + 1] == UInt8(ascii: ".")
      && (line.count == 2 || line.count == 3 && buffer[line.upperBound - 1] == UInt8(ascii: "\r"))
  }

  mutating func csvRow(_ layout: Int?, endsInDot: Bool) -> Outcome {
    guard at < buffer.count else { return .cutOff }
    var values: [RowField] = []
    swap(&values, &fields)
    let row = buffer.span.csvRow(at: at, isEnd: isEnd, into: &values)
    swap(&values, &fields)
    guard let found = row else { return .cutOff }
    if endsInDot, isEndOfCopy(at..<found.end) {
      at = found.next
      state = .statement
      return .passed
    }
    guard found.end > at else {
      at = found.next
      return .passed
    }
    return self.row(layout, at..<found.end, next: found.next)
  }

  private mutating func row(_ layout: Int?, _ range: Range<Int>, next: Int) -> Outcome {
    guard let layout else {
      if !passed.addFurtherRow(of: tableName) {
        passed.addFirstRow(of: tableName, at: place(range))
      }
      at = next
      return .passed
    }
    let own = place(range)
    at = next
    return .row(Row(layout: layout, range: range, place: own))
  }
}
