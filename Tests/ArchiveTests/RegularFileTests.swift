import Archive
import Foundation
import Testing

@Suite struct RegularFileTests {
  @Test func `neither a link nor a FIFO is opened in place of a regular file`() throws {
    let scratch = try Scratch()
    try scratch.write("file", [1])
    try scratch.link("link", to: "file")
    #expect(unsafe mkfifo(scratch.path("fifo"), 0o600) == 0)
    for (name, code) in [("link", ELOOP), ("fifo", ENOTSUP)] {
      #expect(throws: FileError(.open, path: scratch.path(name), errno: code)) {
        _ = try InputFile(regularFile: RawPath(scratch.path(name)))
      }
    }
    let followed = try InputFile(path: RawPath(scratch.path("link")))
    #expect(followed.size == 1)
  }

  @Test func `a path with a NUL names no file`() {
    #expect(throws: FileError(.open, path: "/dev/null\0x", errno: EINVAL)) {
      _ = try InputFile(path: RawPath("/dev/null\0x"))
    }
  }

  @Test func `reading at a place appends and leaves the place of the next read`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", Array("0123456789".utf8))
    var file = try InputFile(path: path)
    var bytes: [UInt8] = Array("<".utf8)
    #expect(try file.read(into: &bytes, at: 7, upTo: 100) == 3)
    #expect(try file.read(into: &bytes, at: 2, upTo: 2) == 2)
    #expect(try file.read(into: &bytes, at: 10, upTo: 1) == 0)
    #expect(try file.read(into: &bytes, upTo: 1) == 1)
    #expect(String(decoding: bytes, as: UTF8.self) == "<789230")
  }

  @Test func `a write, a change of mode and a file set back in time each give another state`()
    throws
  {
    let scratch = try Scratch()
    let path = try scratch.write("file", [1])
    let file = try InputFile(path: path)
    #expect(try file.state() == file.openedState)
    #expect(!file.openedState.isSettled(at: file.openedState.changeTimeNanoseconds))
    #expect(
      file.openedState.isSettled(at: file.openedState.changeTimeNanoseconds + 2_000_000_000))
    // The clock of the file system ticks every few milliseconds.
    usleep(20_000)
    #expect(unsafe chmod(path, 0o600) == 0)
    let changed = try file.state()
    #expect(changed.changeTimeNanoseconds > file.openedState.changeTimeNanoseconds)
    #expect(
      changed.modificationTimeNanoseconds == file.openedState.modificationTimeNanoseconds)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([2]))
    #expect(try file.state().size == 2)
  }

  @Test func `holes are found and passed over`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", [])
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seek(toOffset: 64 << 20)
    try handle.write(contentsOf: Data([1]))
    try handle.truncate(atOffset: 128 << 20)
    let file = try InputFile(path: path)
    let hasHoles = file.hasHoles
    #expect(hasHoles)
    // How large the blocks of a file system are is its own affair.
    #expect((1...64 << 20).contains(file.nextBytes(from: 0)))
    #expect(file.nextBytes(from: 64 << 20) == 64 << 20)
    #expect(file.nextBytes(from: 100 << 20) == 128 << 20)
    let full = try InputFile(path: try scratch.write("full", [1]))
    #expect(full.hasHoles == false)
  }
}
