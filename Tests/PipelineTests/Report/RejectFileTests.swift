internal import Archive
internal import Foundation
internal import Testing

@testable internal import Pipeline

@Suite struct RejectFileTests {
  private static func reject(_ bytes: [UInt8], line: Int = 17) -> Reject {
    Reject(
      kind: .message, input: "in/a \"b\".jsonl",
      place: Place(input: -1, line: line, byteOffset: 4100, byteLength: bytes.count),
      stage: .extract, rule: .jsonSyntax, message: "no value", bytes: bytes)
  }

  private static func all(_ path: String) throws -> [Reject] {
    var reader = try RejectFile.read(path)
    var rejects: [Reject] = []
    while let reject = try reader.next() { rejects.append(reject) }
    return rejects
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func `a line holds place, reason and the record`() throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    var refused = Self.reject(Array("{\"a\":\"\\ud83d\"}".utf8))
    refused.kind = .session
    refused.stage = .load
    refused.field = "title"
    refused.sqlState = "23514"
    refused.constraint = "role_check"
    refused.column = "role"
    refused.dependentMessages = 4
    try file.append([Self.reject([0xFF, 0x00]), refused])
    #expect(
      try text(file.path) == #"""
        {"file":"in/a \"b\".jsonl","line":17,"byteOffset":4100,"byteLength":2,"stage":"extract","rule":"json.syntax","kind":"message","field":null,"message":"no value","base64":"/wA="}
        {"file":"in/a \"b\".jsonl","line":17,"byteOffset":4100,"byteLength":14,"stage":"load","rule":"json.syntax","kind":"session","field":"title","message":"no value","sqlstate":"23514","constraint":"role_check","column":"role","dependents":{"messages":4},"text":"{\"a\":\"\\ud83d\"}"}

        """#)
    #expect(try Self.all(file.path) == [Self.reject([0xFF, 0x00]), refused])
    #expect(file.count == 2)
  }

  @Test func `what a row depends on comes back with its reject`() throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    var whole = Self.reject([1])
    whole.origin = RejectOrigin(
      dialect: .threads, name: "a \"b\".jsonl", inputs: "00ff00ff", line: 3, byteOffset: 99,
      document: "thread:x", isPacked: true)
    var message = Self.reject(Array("text".utf8))
    message.origin = RejectOrigin(
      dialect: .openAIChat, name: "b", inputs: "", line: 1, byteOffset: 0,
      session: .init(key: "k\n", createdAt: "2025-01-01T00:00:00.000001Z", model: "m"),
      message: .init(
        index: 7, occurrence: 0, call: 5, isTitled: false, isTimed: true, tieMicroseconds: 2,
        createdAt: "2025-01-01T00:00:00Z"))
    try file.append([whole, message])
    #expect(try Self.all(file.path) == [whole, message])
    #expect(
      try text(file.path).split(separator: "\n").last?.contains(
        #"""
        ,"origin":{"dialect":"openai-chat","name":"b","inputs":"","line":1,"byteOffset":0,"session":{"key":"k\n","createdAt":"2025-01-01T00:00:00.000001Z","model":"m"},"message":{"index":7,"occurrence":0,"call":5,"isTitled":false,"isTimed":true,"tieMicroseconds":2,"createdAt":"2025-01-01T00:00:00Z"}},"text":"text"}
        """#) == true)
  }

  @Test(
    arguments: [
      [], [0], [0x7F], Array("\"\\/\u{8}\u{c}\n\r\t".utf8),
      Array("\u{2028}\u{2029}\u{85}\u{A0}".utf8),
      Array("\u{FEFF}é e\u{301} 😀 \u{FFFF}".utf8), Array(#""\ud83d" "\u0000" "\uD83D\uDE00""#.utf8),
      [0x80], [0xC2], [0xE2, 0x80], [0xC0, 0x80], [0xED, 0xA0, 0xBD], [0xF4, 0x90, 0x80, 0x80],
      [0x61, 0xFE, 0x00, 0x22, 0x5C, 0x0A], Array(0...255), Array(0...127),
    ] as [[UInt8]])
  func `bytes come back exactly, on one line, in one of two forms`(bytes: [UInt8]) throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    let reject = Self.reject(bytes)
    try file.append([reject, reject])
    #expect(try Self.all(file.path) == [reject, reject])
    let raw = try Data(contentsOf: URL(filePath: file.path))
    #expect(raw.count { $0 < 0x20 || $0 == 0x7F } == 2)
    let line = try #require(
      try JSONSerialization.jsonObject(with: raw.prefix { $0 != 0x0A }) as? [String: Any])
    #expect((line["text"] == nil) != (line["base64"] == nil))
    #expect((line["text"] != nil) == (String(validating: bytes, as: UTF8.self) != nil))
  }

  @Test func `texts around every buffer boundary come back exactly`() throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    let tails = ["\u{2028}", "\u{85}", "😀", "\"", "\u{0}"]
    let rejects = (65_300..<65_400).map { length in
      let text = String(repeating: "a", count: length) + tails[length % tails.count] + "z"
      return Self.reject(Array(text.utf8), line: length)
    }
    try file.append(rejects)
    #expect(try Self.all(file.path) == rejects)
  }

  @Test(arguments: [UInt8(ascii: "x"), UInt8(ascii: "\""), 0x00, 0xFF])
  func `a large record passes in small pieces, without a copy of itself`(byte: UInt8) throws {
    let reject = Self.reject(Array(repeating: byte, count: 600_001))
    var line = RejectLine()
    var largest = 0
    var written: [UInt8] = []
    let write = { (piece: [UInt8]) in
      largest = max(largest, piece.count)
      written += piece
    }
    line.append(reject, write: write)
    line.flush(write)
    #expect(largest < 140_000)
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    try file.append([reject])
    #expect(try Array(Data(contentsOf: URL(filePath: file.path))) == written)
    #expect(try Self.all(file.path) == [reject])
  }

  @Test func `lines of batches handed over at once stay whole and together`() async throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    try await withThrowingTaskGroup { group in
      for worker in 0..<4 {
        group.addTask {
          for batch in 0..<5 {
            let bytes = Array(repeating: UInt8(ascii: "a") + UInt8(worker), count: 30_000)
            try file.append((0..<6).map { Self.reject(bytes, line: batch * 6 + $0) })
          }
        }
      }
      try await group.waitForAll()
    }
    let rejects = try Self.all(file.path)
    #expect(file.count == 120 && rejects.count == 120)
    for start in stride(from: 0, to: 120, by: 6) {
      let batch = rejects[start..<start + 6]
      #expect(Set(batch.map(\.bytes)).count == 1)
      #expect(
        batch.map(\.place.line) == Array(batch[start].place.line..<batch[start].place.line + 6))
    }
  }

  @Test func `without rejects there is no file, and a former one goes`() throws {
    let scratch = try ReportScratch()
    try scratch.directory.create()
    try Data("old\n".utf8).write(to: URL(filePath: scratch.directory.rejectsPath))
    let file = try RejectFile(in: scratch.directory)
    try file.append([])
    #expect(!FileManager.default.fileExists(atPath: file.path))
    #expect(file.count == 0)
    try file.append([Self.reject([])])
    #expect(try Self.all(file.path).count == 1)
  }

  @Test func `only its owner may read it`() throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    try file.append([Self.reject([1])])
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `a file that appeared under its name meanwhile is not touched`() throws {
    let scratch = try ReportScratch()
    let file = try RejectFile(in: scratch.directory)
    try scratch.directory.create()
    try Data("other\n".utf8).write(to: URL(filePath: file.path))
    let error = try #require(throws: FileError.self) { try file.append([Self.reject([1])]) }
    #expect(error.operation == .open && error.errno == EEXIST)
    #expect(try text(file.path) == "other\n")
    #expect(file.count == 0)
  }

  @Test func `a directory that is a file is refused before the run`() throws {
    let scratch = try ReportScratch()
    try Data().write(to: URL(filePath: scratch.path + "/plain"))
    let directory = ReportDirectory(path: scratch.path + "/plain")
    let error = try #require(throws: FileError.self) { _ = try RejectFile(in: directory) }
    #expect(error.path == directory.rejectsPath && error.errno == ENOTDIR)
    let made = try #require(throws: FileError.self) {
      try ReportDirectory(path: directory.path + "/out").create()
    }
    #expect(made.path == directory.path + "/out" && made.errno == ENOTDIR)
  }
}
