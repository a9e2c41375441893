import Archive
import Foundation
import Testing

@Suite struct RawDirectoryTests {
  private func entries(_ path: String) throws -> [(name: [UInt8], kind: RawDirectory.Kind)] {
    let directory = try RawDirectory(path: RawPath(path))
    return (0..<directory.count).map { index in
      let entry = directory.entry(index)
      return (Array(entry.name), entry.kind)
    }
  }

  @Test func `entries come in the order of the paths below them`() throws {
    let scratch = try Scratch()
    for name in ["a", "é"] { try scratch.makeDirectory(name) }
    for name in ["a-b", "a.b", "a0", "B", ".hidden", "b", "10", "9"] { try scratch.write(name, []) }
    let names = try entries(scratch.path).map { String(decoding: $0.name, as: UTF8.self) }
    #expect(names == [".hidden", "10", "9", "B", "a-b", "a.b", "a/", "a0", "b", "é/"])
  }

  @Test func `each entry is what it is itself`() throws {
    let scratch = try Scratch()
    try scratch.write("1 file", [])
    try scratch.makeDirectory("2 directory")
    try scratch.link("3 link", to: "2 directory")
    #expect(unsafe mkfifo(scratch.path("4 fifo"), 0o600) == 0)
    #expect(unsafe mknod(scratch.path("5 socket"), S_IFSOCK | 0o600, 0) == 0)
    let kinds = try entries(scratch.path).map(\.kind)
    #expect(kinds == [.file, .directory, .link, .fifo, .socket])
    #expect(try entries("/dev").contains { $0.name == Array("null".utf8) && $0.kind == .device })
  }

  @Test func `names keep the bytes that are not UTF-8`() throws {
    let scratch = try Scratch()
    let name: [UInt8] = [0x61, 0xFF, 0x0A]
    let path = Array(scratch.path.utf8) + [UInt8(ascii: "/")] + name + [0]
    let descriptor = unsafe open(path.map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY, 0o600)
    #expect(descriptor >= 0 && close(descriptor) == 0)
    #expect(try entries(scratch.path).map(\.name) == [name])
    let file = try InputFile(regularFile: RawPath(Array(path.dropLast())))
    #expect(file.size == 0)
  }

  @Test func `what is no directory, or not there, is an error`() throws {
    let scratch = try Scratch()
    let file = try scratch.write("file", [])
    #expect(throws: FileError(.open, path: file, errno: ENOTDIR)) {
      try RawDirectory(path: RawPath(file))
    }
    let gone = scratch.path("gone")
    #expect(throws: FileError(.stat, path: gone, errno: ENOENT)) {
      try RawDirectory.isDirectory(RawPath(gone))
    }
    try scratch.link("link", to: ".")
    #expect(try RawDirectory.isDirectory(RawPath(scratch.path("link"))))
    #expect(try !RawDirectory.isDirectory(RawPath(file)))
  }
}
