internal import Archive

/// Lines as ``RowRenderer`` writes them: an object whose members are in the order of the columns.
extension Span<UInt8> {
  /// The place behind a JSON value that begins at an offset; strings are not looked into.
  func endOfJSONValue(_ start: Int) throws(RunError) -> Int {
    var at = start
    var depth = 0
    while at < count {
      switch self[at] {
      case UInt8(ascii: "\""):
        at = try endOfString(at)
        if depth == 0 { return at }
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if depth == 0 { return at }
        depth -= 1
        if depth == 0 { return at + 1 }
      case UInt8(ascii: ",") where depth == 0: return at
      case 0x0A: throw unexpected(at)
      default: break
      }
      at += 1
    }
    throw unexpected(start)
  }

  /// The place behind a JSON string that begins at an offset.
  private func endOfString(_ start: Int) throws(RunError) -> Int {
    var at = start + 1
    while true {
      at = firstToEscape(in: at..<count)
      guard at < count, self[at] >= 0x20 else { throw unexpected(start) }
      if self[at] == UInt8(ascii: "\"") { return at + 1 }
      guard at + 2 <= count else { throw unexpected(start) }
      at += 2
    }
  }

  /// Whether some bytes stand at an offset.
  func holds(_ other: borrowing Span<UInt8>, at start: Int) -> Bool {
    start + other.count <= count && matches(start..<start + other.count, other, at: 0)
  }

  /// Damage that the digests do not show: the lines were written by something else.
  func unexpected(_ offset: Int) -> RunError {
    RunError(.overBudget, "a line is not as convoy writes them, at byte \(offset) of its member")
  }
}

/// Goes through a line column by column, in the order of the table.
struct JSONLineWalk: Sendable {
  /// The names one behind the other, so that none is an array of its own to count references to.
  private let keys: [UInt8]
  /// Where each begins, and where the last ends.
  private let bounds: [Int]

  init(_ columns: [ArchivedColumn]) {
    var keys: [UInt8] = []
    bounds =
      [0]
      + columns.map { column in
        keys += column.jsonKey
        return keys.count
      }
    self.keys = keys
  }

  /// Gives each column's value, nil for NULL, and goes on behind the end of the line.
  ///
  /// - Throws: what `body` throws; ``RunError`` where the line is not as convoy writes them.
  @inline(__always)
  func forEachColumn(
    of lines: Span<UInt8>, _ at: inout Int,
    _ body: (Int, Range<Int>?) throws(RunError) -> Void
  ) throws(RunError) {
    var separator = UInt8(ascii: "{")
    let keys = keys.span
    for index in 0..<bounds.count - 1 {
      let start = at + 1 + bounds[index + 1] - bounds[index]
      // A column that is NULL is not in the line.
      guard start <= lines.count, lines[at] == separator,
        lines.matches(at + 1..<start, keys, at: bounds[index])
      else {
        try body(index, nil)
        continue
      }
      separator = UInt8(ascii: ",")
      at = try lines.endOfJSONValue(start)
      try body(index, start..<at)
    }
    if separator == UInt8(ascii: "{") {
      guard at < lines.count, lines[at] == separator else { throw lines.unexpected(at) }
      at += 1
    }
    guard at + 1 < lines.count, lines[at] == UInt8(ascii: "}"), lines[at + 1] == 0x0A else {
      throw lines.unexpected(at)
    }
    at += 2
  }
}

extension ArchivedColumn {
  /// The column's name as a member's, with its colon.
  var jsonKey: [UInt8] {
    var key: [UInt8] = []
    let name = Array(name.utf8)
    key.appendJSONString(name.span, 0..<name.count)
    key.append(UInt8(ascii: ":"))
    return key
  }
}
