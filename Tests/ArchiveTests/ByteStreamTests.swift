import Archive
import Foundation
import Testing

private let pieceSizes = [1, 2, 3, 7, 65_536]

@Suite struct ByteStreamTests {
  private static let text = "{\"a\":\"né 😀\u{2028}x\"}\r\n{}\n"

  private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
    let units: [UInt16] = [0xFEFF] + Array(text.utf16)
    return units.flatMap { unit in
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
      return isBigEndian ? [high, low] : [low, high]
    }
  }

  @Test(arguments: pieceSizes, [false, true])
  func `every encoding reads as the same UTF-8, plain or gzip, in pieces of any size`(
    pieceBytes: Int, isCompressed: Bool
  ) throws {
    let scratch = try Scratch()
    let utf8 = Array(Self.text.utf8)
    let stored: [(TextEncoding, [UInt8])] = [
      (.utf8, utf8),
      (.utf8, [0xEF, 0xBB, 0xBF] + utf8),
      (.utf16LittleEndian, Self.utf16(Self.text, isBigEndian: false)),
      (.utf16BigEndian, Self.utf16(Self.text, isBigEndian: true)),
    ]
    for (encoding, content) in stored {
      let path = try scratch.write("input", isCompressed ? gzipped(content) : content)
      let stream = try ByteStream(path: path)
      #expect(stream.encoding == encoding)
      #expect(stream.isCompressed == isCompressed)
      #expect(try readAll(stream, pieceBytes: pieceBytes) == utf8)
    }
  }

  @Test(arguments: pieceSizes, [false, true])
  func `every byte of Windows-1252 is a character, in pieces of any size`(
    pieceBytes: Int, isCompressed: Bool
  ) throws {
    let scratch = try Scratch()
    // Those of no character stand for the control of their number.
    let unassigned: Set<UInt8> = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
    let bytes = Array(UInt8.min...UInt8.max)
    var expected = ""
    for byte in bytes {
      if unassigned.contains(byte) {
        expected.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        expected += try #require(String(bytes: [byte], encoding: .windowsCP1252))
      }
    }
    let path = try scratch.write("input", isCompressed ? gzipped(bytes) : bytes)
    let stream = try ByteStream(path: path, assuming: .windows1252)
    #expect(stream.encoding == .windows1252)
    #expect(try readAll(stream, pieceBytes: pieceBytes) == Array(expected.utf8))
    let marked = try scratch.write("marked", [0xEF, 0xBB, 0xBF] + Array("\u{E9}".utf8))
    #expect(
      try readAll(ByteStream(path: marked, assuming: .windows1252)) == Array("\u{E9}".utf8))
  }

  @Test(
    arguments: [
      [], [0x7B], [0x1F], [0xEF], [0xEF, 0xBB], [0xFF], [0xEF, 0xBB, 0x7B], [0x00, 0xFF, 0xFE],
      [0x0A, 0xEF, 0xBB, 0xBF],
    ] as [[UInt8]])
  func `a start that is no mark and no gzip passes unchanged`(content: [UInt8]) throws {
    let scratch = try Scratch()
    let stream = try ByteStream(path: scratch.write("input", content))
    #expect(stream.isCompressed == false)
    #expect(try readAll(stream) == content)
  }

  @Test func `only the first mark is dropped`() throws {
    let scratch = try Scratch()
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let path = try scratch.write("input", mark + mark + [0x61])
    #expect(try readAll(ByteStream(path: path)) == mark + [0x61])
  }

  @Test(arguments: pieceSizes)
  func `lone surrogates are replaced and counted`(pieceBytes: Int) throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "input", [0xFF, 0xFE, 0x3D, 0xD8, 0x61, 0x00, 0x00, 0xDE, 0x3D, 0xD8])
    var stream = try ByteStream(path: path)
    var content: [UInt8] = []
    while try stream.read(into: &content, upTo: pieceBytes) > 0 {}
    #expect(content == Array("\u{FFFD}a\u{FFFD}\u{FFFD}".utf8))
    #expect(stream.replacedCharacters == 3)
  }

  @Test func `many members inflate as one text and progress counts bytes on disk`() throws {
    let scratch = try Scratch()
    let content = prose(bytes: 600_000)
    let stored = try gzipped([]) + gzipped(content) + gzipped([]) + gzipped([0x0A])
    var stream = try ByteStream(path: scratch.write("input.jsonl.gz", stored))
    var read: [UInt8] = []
    while try stream.read(into: &read, upTo: 1 << 20) > 0 {}
    #expect(read == content + [0x0A])
    #expect(stream.compressedBytesRead == stored.count)
    #expect(stream.size == stored.count)
  }

  @Test(arguments: pieceSizes)
  func `a gzip file cut at any byte gives its text so far and then an error with the path`(
    pieceBytes: Int
  ) throws {
    let scratch = try Scratch()
    let content = Array("one line of text, one line of text\n".utf8)
    let whole = try gzipped(content)
    for length in 0..<whole.count {
      let path = try scratch.write("cut.gz", Array(whole.prefix(length)))
      let expected = StreamError.gzip(
        path: path, GzipError(reason: .truncated, memberOffset: 0, byteOffset: length))
      var read: [UInt8] = []
      let error = #expect(throws: StreamError.self) {
        var stream = try ByteStream(path: path)
        while try stream.read(into: &read, upTo: pieceBytes) > 0 {}
      }
      #expect(error == expected)
      #expect(content.starts(with: read))
    }
  }

  @Test func `a flipped checksum is reported after the text`() throws {
    let scratch = try Scratch()
    let content = prose(bytes: 1000)
    var stored = try gzipped(content)
    stored[stored.count - 5] ^= 0x10
    let path = try scratch.write("input.gz", stored)
    var stream = try ByteStream(path: path)
    var read: [UInt8] = []
    var returned = 0
    for _ in 0..<2 {
      do throws(StreamError) {
        while true {
          let count = try stream.read(into: &read, upTo: 4096)
          guard count > 0 else { break }
          returned += count
        }
        Issue.record("the wrong checksum passed")
      } catch {
        guard case .gzip(path, let cause) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(cause.reason == .checksum)
        #expect(error.description == "\(path): gzip member at byte 0 does not match its checksum")
      }
    }
    #expect(read == content)
    #expect(returned == content.count)
  }

  @Test(arguments: [false, true])
  func `a pipe that delivers byte by byte reads like a file`(isCompressed: Bool) throws {
    let content = Self.utf16(Self.text, isBigEndian: true)
    let stored = isCompressed ? try gzipped(content) : content
    let pipe = Pipe()
    let descriptor = dup(pipe.fileHandleForReading.fileDescriptor)
    let writer = Thread {
      for byte in stored { pipe.fileHandleForWriting.write(Data([byte])) }
      // Lost: a failure to close, after which the reader would wait and the test not end.
      try? pipe.fileHandleForWriting.close()
    }
    writer.start()
    let stream = try ByteStream(InputFile(takingOwnershipOf: descriptor, path: "pipe"))
    #expect(stream.size == nil)
    #expect(stream.isCompressed == isCompressed)
    #expect(try readAll(stream, pieceBytes: 3) == Array(Self.text.utf8))
  }

  @Test func `bytes are appended behind what the caller holds`() throws {
    let scratch = try Scratch()
    var stream = try ByteStream(path: scratch.write("input", Array("abcdef".utf8)))
    var buffer = Array("held:".utf8)
    while try stream.read(into: &buffer, upTo: 4) > 0 {}
    #expect(buffer == Array("held:abcdef".utf8))
  }

  @Test func `a missing file is an error with its path and cause`() throws {
    let scratch = try Scratch()
    let path = scratch.path("absent.jsonl")
    let error = #expect(throws: StreamError.self) { _ = try ByteStream(path: path) }
    #expect(error == .file(FileError(.open, path: path, errno: ENOENT)))
    #expect(error?.description == "\(path): cannot open: No such file or directory")
  }
}
