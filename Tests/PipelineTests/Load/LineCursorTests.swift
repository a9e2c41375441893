import Testing

@testable import Pipeline

struct LineCursorTests {
  @Test func `lines of places in any order are those of counting from the record's start`() {
    let bytes = Array("{\n \"a\": [1,\n\n 2],\n\"b\": 3}\n{\n\n}".utf8)
    let segment = InputSegment(
      input: 0, bytes: bytes, layout: .documents, records: [], byteOffset: 100, firstLine: 7,
      isFirst: false, isLast: true, fingerprint: [])
    let first = Place(input: 0, line: 7, byteOffset: 100, byteLength: 26)
    let second = Place(input: 0, line: 12, byteOffset: 127, byteLength: 4)
    var cursor = LineCursor()
    for offset in [0, 3, 12, 25, 12, 0, 24, 25, 1] {
      let expected = 7 + bytes.count(of: 0x0A, in: 0..<offset)
      #expect(cursor.line(of: offset, in: segment, from: 0..<26, first) == expected)
    }
    #expect(cursor.line(of: 30, in: segment, from: 27..<31, second) == 14)
    #expect(cursor.line(of: 27, in: segment, from: 27..<31, second) == 12)
    #expect(cursor.line(of: 2, in: segment, from: 0..<26, first) == 8)
  }
}
