internal import Foundation
internal import Testing

@testable internal import Pipeline

@Suite struct RejectReaderTests {
  private static let good =
    #"{"file":"a","line":1,"byteOffset":0,"byteLength":1,"stage":"load","rule":"json.syntax","kind":"file","field":null,"message":"m","text":"x"}"#

  @Test(arguments: [
    ("{", "not a line of rejects (no JSON object)"),
    ("", "not a line of rejects (no JSON object)"),
    (good.replacing(#""line":1,"#, with: ""), "not a line of rejects (no line)"),
    (
      good.replacing(#":"load""#, with: #":"later""#),
      "not a line of rejects (unknown value of stage)"
    ),
    (
      good.replacing(#""line":1"#, with: #""line":"1""#),
      "not a line of rejects (wrong type of line)"
    ),
    (good.replacing(#","text":"x""#, with: ""), "must have either text or base64"),
    (good.replacing(#""text":"#, with: #""base64":"","text":"#), "must have either text or base64"),
    (good.replacing(#""text":"x""#, with: #""base64":"*""#), "must have either text or base64"),
  ])
  func `a damaged line is named and the next one read`(line: String, reason: String) throws {
    let scratch = try ReportScratch()
    let path = scratch.path + "/rejects.jsonl"
    try Data((Self.good + "\n" + line + "\n" + Self.good).utf8).write(to: URL(filePath: path))
    var reader = try RejectFile.read(path)
    #expect(try reader.next()?.bytes == [UInt8(ascii: "x")])
    var damage: RejectDamage?
    do { _ = try reader.next() } catch { damage = error as? RejectDamage }
    #expect(damage?.description == "\(path):2: \(reason)")
    #expect(try reader.next()?.kind == .file)
    #expect(try reader.next() == nil)
  }

  @Test(arguments: [
    (#""text":"x""#, "x"), (#""text" : "x" "#, "x"), (#""base64": "eA==""#, "x"),
    (#""text":"\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
    (#""text":"\u0000\u00E9\u2028\uD83D\ude00\uffff""#, "\u{0}é\u{2028}😀\u{FFFF}"),
    (#""text":"\\""#, #"\"#), (#""text":"\\\"text\":\"no""#, #"\"text":"no"#), (#""text":"""#, ""),
  ])
  func `a line written by another program says the same`(member: String, expected: String) throws {
    #expect(try record(of: Self.good.replacing(#""text":"x""#, with: member)) == expected)
  }

  @Test(arguments: [
    #""text":"\ud83d""#, #""text":"\ud83dx""#, #""text":"\ud83d\u0041""#, #""text":"\udc00""#,
    #""text":"\u00g0""#, #""text":"\u00""#, #""text":"\x""#,
  ])
  func `an escape that names no character is damage`(member: String) {
    #expect(throws: RejectDamage.self) {
      try record(of: Self.good.replacing(#""text":"x""#, with: member))
    }
  }

  @Test func `a value that reads like the record's key is not taken for it`() throws {
    let line = Self.good.replacing(
      #""field":null"#, with: #""field":"text","column":"\"text\":\"y""#)
    #expect(try record(of: line) == "x")
  }

  @Test(arguments: [1, 2, 3, 12, 60, 100])
  func `a line cut short is damage`(missing: Int) {
    #expect(throws: RejectDamage.self) { try record(of: String(Self.good.dropLast(missing))) }
  }

  @discardableResult
  private func record(of line: String) throws -> String? {
    let scratch = try ReportScratch()
    let path = scratch.path + "/rejects.jsonl"
    try Data(line.utf8).write(to: URL(filePath: path))
    var reader = try RejectFile.read(path)
    return try reader.next().map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
