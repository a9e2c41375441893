import Archive
import Foundation

/// A directory of its own for one test, removed with everything in it.
final class Scratch {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("convoy-archive-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit {
    // Lost: that a leftover could not be removed, which no test is about.
    try? FileManager.default.removeItem(atPath: path)
  }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path(name), withDestinationPath: target)
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

func bytes(ofFile path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// One gzip member, made by the gzip program.
func gzipped(_ content: [UInt8]) throws -> [UInt8] {
  let scratch = try Scratch()
  let input = try scratch.write("content", content)
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
  process.arguments = ["--no-name", input]
  try process.run()
  process.waitUntilExit()
  return try bytes(ofFile: input + ".gz")
}

/// Reads to the end in pieces of at most `pieceBytes`, and checks that none is longer.
func readAll(_ stream: consuming ByteStream, pieceBytes: Int = 65_536) throws -> [UInt8] {
  var stream = stream
  var content: [UInt8] = []
  while true {
    let before = content.count
    let count = try stream.read(into: &content, upTo: pieceBytes)
    guard count > 0 else { return content }
    precondition(content.count - before == count && count <= pieceBytes)
  }
}

/// Text that compresses to several deflate blocks.
func prose(bytes count: Int) -> [UInt8] {
  var state: UInt64 = 42
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(ascii: "a") + UInt8((state >> 33) % 23)
  }
}
