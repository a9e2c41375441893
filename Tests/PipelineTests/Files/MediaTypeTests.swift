internal import Foundation
internal import Testing

@testable internal import Pipeline

@Suite struct MediaTypeTests {
  private func type(_ head: [UInt8], _ name: String) -> String {
    MediaType.of(head: head[...], name: Array(name.utf8)[...])
  }

  private static let beginnings: [(head: [UInt8], name: String, type: String)] = [
    (
      Array("\u{89}PNG".unicodeScalars.map { UInt8($0.value) }) + [13, 10, 26, 10], "x", "image/png"
    ),
    ([0xFF, 0xD8, 0xFF, 0xE0], "photo.png", "image/jpeg"),
    (Array("GIF89a".utf8), "a.gif", "image/gif"),
    (Array("RIFF....WEBPVP8 ".utf8), "a", "image/webp"),
    (Array("RIFF....WAVEfmt ".utf8), "a", "audio/vnd.wave"),
    (Array("BM".utf8) + [9, 0, 0, 0, 0, 0, 0, 0], "a", "image/bmp"),
    (Array("BM is a car maker".utf8), "a", "text/plain"),
    (Array("%PDF-1.7".utf8), "report", "application/pdf"),
    ([0x50, 0x4B, 3, 4], "a", "application/zip"),
    (
      [0x50, 0x4B, 3, 4], "a.DOCX",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    ([0x50, 0x4B, 3, 4], "a.pdf", "application/zip"),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a.xls", "application/vnd.ms-excel"),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a", "application/x-ole-storage"),
    ([0x1F, 0x8B, 8], "dump.tar.gz", "application/x-compressed-tar"),
    ([0x1F, 0x8B, 8], "dump.sql.gz", "application/gzip"),
    ([0, 0, 0, 0x20] + Array("ftypisom".utf8), "a", "video/mp4"),
    ([0, 0, 0, 0x20] + Array("ftypM4A ".utf8), "a", "audio/mp4"),
    ([0, 0, 0, 0x20] + Array("ftypheic".utf8), "a", "image/heic"),
    ([0x1A, 0x45, 0xDF, 0xA3], "a.webm", "video/webm"),
    (Array("OggS".utf8), "a.ogg", "audio/ogg"),
    (Array("ID3".utf8) + [4], "a.mp3", "audio/mpeg"),
    (Array("SQLite format 3\0".utf8), "a.db", "application/vnd.sqlite3"),
    ([UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8), "a", "application/x-tar"),
    (Array(#"<?xml version="1.0"?><svg/>"#.utf8), "a.svg", "image/svg+xml"),
    (Array(#"<?xml version="1.0"?><a/>"#.utf8), "a.txt", "application/xml"),
    (Array("<svg/>".utf8), "a.svg", "image/svg+xml"),
  ]

  @Test(arguments: beginnings) func `the first bytes decide, and the name what they leave open`(
    head: [UInt8], name: String, expected: String
  ) {
    #expect(type(head, name) == expected)
  }

  @Test(arguments: [
    ("a.md", "text/markdown"), ("a.JSON", "application/json"), ("a.py", "text/x-python"),
    ("a.swift", "text/x-swift"), ("Dockerfile", "text/x-dockerfile"), ("a.ts", "text/x-typescript"),
    ("a", "text/plain"), ("a.unknown", "text/plain"), ("a.png", "text/plain"),
    ("a.docx", "text/plain"), ("a.b.csv", "text/csv"), (".gitignore", "text/plain"),
    ("a.pkl", "text/plain"),
  ])
  func `text is what its name says, if that is text`(name: String, expected: String) {
    #expect(type(Array("Grüße\r\n\tan alle\n".utf8), name) == expected)
  }

  @Test(arguments: [
    ("a.md", MediaType.unknown), ("a", MediaType.unknown), ("a.png", MediaType.unknown),
    ("a.ts", MediaType.unknown), ("a.pkl", "application/x-python-pickle"),
  ])
  func `bytes that are no text are not believed to be one`(name: String, expected: String) {
    #expect(type([0x80, 0x02, 0x00, 0xFF], name) == expected)
  }

  @Test func `an empty file is what its name says, or nothing that is known`() {
    #expect(type([], "a.md") == "text/markdown")
    #expect(type([], "a.png") == MediaType.unknown)
    #expect(type([], "a") == MediaType.unknown)
  }

  @Test func `a character cut at the end of the first bytes is still text`() {
    let text = Array(String(repeating: "ä", count: MediaType.headBytes).utf8)
    #expect(type(Array(("x".utf8 + text).prefix(MediaType.headBytes)), "a") == "text/plain")
    // In a whole file it is damage.
    #expect(type([0x78, 0xC3], "a") == MediaType.unknown)
    #expect(type([0xFF, 0xFE, 0x78, 0x00], "a.txt") == "text/plain")
  }

  @Test func `a name that is not UTF-8 has an ending all the same`() {
    #expect(
      MediaType.of(head: Array("x".utf8)[...], name: ([0xFF] + Array(".csv".utf8))[...])
        == "text/csv")
  }
}
