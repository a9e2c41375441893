import Testing

@testable import Pipeline

struct SourceSpanTests {
  private let segment = InputSegment(
    input: 4, bytes: Array("<ab\ncd|ef>".utf8), layout: .documents, records: [0..<10],
    byteOffset: 0, firstLine: 9, isFirst: false, isLast: false, fingerprint: [],
    spans: [
      SourceSpan(
        range: 1..<6, place: Place(input: 4, line: 9, byteOffset: 100, byteLength: 5)),
      SourceSpan(
        range: 7..<9, place: Place(input: 2, line: 1, byteOffset: 0, byteLength: 2)),
    ])

  @Test func `bytes of a gathered record have the place they have in their input`() throws {
    let inside = try #require(segment.originalPlace(4..<6))
    #expect(inside == Place(input: 4, line: 10, byteOffset: 103, byteLength: 2))
    #expect(segment.sourceBytes(inside) == Array("cd".utf8))
    let other = try #require(segment.originalPlace(7..<9))
    #expect(other == Place(input: 2, line: 1, byteOffset: 0, byteLength: 2))
    #expect(segment.sourceBytes(other) == Array("ef".utf8))
    #expect(segment.originalPlace(4..<8) == nil)
  }

  @Test func `the record itself has the place of its first bytes, and all its own`() throws {
    let place = try #require(segment.gatheredPlace(0..<10))
    #expect(place == Place(input: 4, line: 9, byteOffset: 100, byteLength: 10))
    #expect(segment.sourceBytes(place) == segment.bytes)
  }
}
