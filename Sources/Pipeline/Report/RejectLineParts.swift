internal import FoundationEssentials

/// A line of rejects taken apart, so that no JSON parser makes copies of a large record.
struct RejectLineParts {
  /// The line with the record's string empty; the whole line when it holds no record.
  let frame: [UInt8]
  /// The record as it was found; nil when it is missing or cannot be undone.
  let content: [UInt8]?

  /// A multiple of four: a piece of base64 that decodes by itself.
  private static let base64Bytes = 65_536

  init(_ line: ArraySlice<UInt8>) {
    if let body = Self.body(of: "text", in: line) {
      frame = Array(line[..<body.lowerBound] + line[body.upperBound...])
      content = JSONUnescape.bytes(line[body])
    } else if let body = Self.body(of: "base64", in: line) {
      frame = Array(line[..<body.lowerBound] + line[body.upperBound...])
      content = Self.decoded(line[body])
    } else {
      frame = Array(line)
      content = nil
    }
  }

  /// What stands between the quotes of a member's value.
  ///
  /// Goes from string to string, so that a key's name inside another value is not taken for the key.
  private static func body(of name: String, in line: ArraySlice<UInt8>) -> Range<Int>? {
    let key = Array("\"\(name)\"".utf8)
    var index = line.startIndex
    while let quote = line[index...].firstIndex(of: UInt8(ascii: "\"")) {
      let end = stringEnd(line, from: quote + 1)
      if line[quote...].starts(with: key) {
        var next = quote + key.count
        while next < line.endIndex, " \t:".utf8.contains(line[next]) { next += 1 }
        let isKey = line[(quote + key.count)..<next].contains(UInt8(ascii: ":"))
        if isKey, next < line.endIndex, line[next] == UInt8(ascii: "\"") {
          return (next + 1)..<stringEnd(line, from: next + 1)
        }
      }
      index = min(end + 1, line.endIndex)
    }
    return nil
  }

  /// The first quote that no backslash escapes; the end of the line when there is none.
  private static func stringEnd(_ line: ArraySlice<UInt8>, from start: Int) -> Int {
    var index = start
    while index < line.endIndex, line[index] != UInt8(ascii: "\"") {
      index += line[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index, line.endIndex)
  }

  private static func decoded(_ base64: ArraySlice<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(base64.count / 4 * 3)
    var rest = base64
    while !rest.isEmpty {
      guard let piece = Data(base64Encoded: Data(rest.prefix(base64Bytes))) else { return nil }
      out.append(contentsOf: piece)
      rest = rest.dropFirst(base64Bytes)
    }
    return out
  }
}
