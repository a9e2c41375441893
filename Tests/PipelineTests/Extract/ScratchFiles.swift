internal import Foundation

/// Files for one test, removed when the test's closure ends.
struct ScratchFiles {
  let path: String

  static func with(_ body: (ScratchFiles) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/convoy-files-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer {
      // What is left behind is the system's to clear; the test's own outcome matters more.
      try? FileManager.default.removeItem(atPath: path)
    }
    try body(ScratchFiles(path: path))
  }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}

/// Bytes written as hexadecimal digits.
func bytes(hex: String) -> [UInt8] {
  let digits = Array(hex.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}

/// A gzip file of forty lines, `{"ts":"2025-10-05T10:12:00Z","role":"user","content":"line 00 of the long file"}` and so on.
let gzippedLines = bytes(
  hex: """
    1f8b080000000000020395d33d6ac3401884e13ea758b68e6167c6f28fce91ca6d5827062181ad5426778f0e10
    334cf9fdf076cfb3ae8f3a56360e3bb45d1b3ed046706ced52dfeb7d99fa76fd79f4fb367d2ef3dae7755b4cb7
    b997d6ca722deb772fd3327f95eb6dfbfd7d7bbe0ac2071105e9838c82f24145c1bd0feea3e0e08343143cf8e0
    210a1e7df018054f3e788a82671f3c2741782988a4c04b4124055e0a2229f0521049819782480abc144452e0a5
    2092022f059114782988a4c04b4124855e0a2329f4521849a197c2480abd144652e8a53092422f8591147a298c
    a4d04b6124855e0a2329f45218499197a2488abc144552e4a52892222f45911479298aa4c84b5124455e8a2229
    f25214499197a2488abc14fd2be50f7b1fe023a80c0000
    """)

/// What ``gzippedLines`` inflates to.
let inflatedLines: [String] = (0..<40).map { number in
  let two = number < 10 ? "0\(number)" : "\(number)"
  return
    #"{"ts":"2025-10-05T10:12:\#(two)Z","role":"user","content":"line \#(two) of the long file"}"#
}
