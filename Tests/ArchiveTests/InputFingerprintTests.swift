import Archive
import Foundation
import Testing

@Suite struct InputFingerprintTests {
  @Test(
    arguments: [
      (0, [], []), (3, [0, 1, 2], [0, 1, 2]), (4, [0, 1, 2, 3], [0, 1, 2, 3]),
      (6, [0, 1, 2, 3], [2, 3, 4, 5]), (9, [0, 1, 2, 3], [5, 6, 7, 8]),
    ] as [(Int, [UInt8], [UInt8])])
  func `head and tail are the ends of the file, the whole of a short one`(
    size: Int, head: [UInt8], tail: [UInt8]
  ) throws {
    let scratch = try Scratch()
    let path = try scratch.write("input", (0..<UInt8(size)).map { $0 })
    let ends = try InputFingerprint.headAndTail(path: path, bytes: 4)
    #expect(ends.head == head)
    #expect(ends.tail == tail)
  }

  @Test func `a file that grows or is touched has another fingerprint`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("input", [1])
    let before = try InputFingerprint(path: path)
    #expect(before == (try InputFingerprint(path: path)))
    try scratch.write("input", [1, 2])
    #expect(before != (try InputFingerprint(path: path)))
  }

  @Test func `a device has no tail`() {
    let error = #expect(throws: FileError.self) {
      _ = try InputFingerprint.headAndTail(path: "/dev/zero")
    }
    #expect(error == FileError(.read, path: "/dev/zero", errno: ESPIPE))
  }
}
