@testable import Pipeline

/// Splits an input the way a reader does, `step` bytes at a time, into the texts of its records.
func splitRecords(_ input: String, _ layout: RecordLayout, step: Int) -> [String] {
  let source = Array(input.utf8)
  var splitter = RecordSplitter(layout)
  var buffer: [UInt8] = []
  var given = 0
  var found: [String] = []
  while given < source.count {
    let next = min(source.count, given + step)
    buffer += source[given..<next]
    given = next
    let isEnd = given == source.count
    let cut = splitter.scan(buffer, isEnd: isEnd)
    guard cut > 0 || isEnd else { continue }
    let records = splitter.take(cut: cut)
    if layout == .lines {
      found += buffer[..<cut].split(separator: 0x0A).map { text($0) }
    } else {
      found += records.map { text(buffer[buffer.trimmed($0)]) }
    }
    buffer.removeSubrange(..<cut)
  }
  return found
}
