import Archive
import Foundation
import Testing

@Suite struct OutputFileTests {
  @Test func `a finished file replaces the old one and leaves nothing beside it`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("report.json", Array("old".utf8))
    var file = try OutputFile(path: path)
    let content = prose(bytes: 300_000)
    try file.write(content.span)
    try file.write([0x0A].span)
    #expect(file.bytesWritten == 300_001)
    #expect(try bytes(ofFile: path) == Array("old".utf8))
    try file.finish()
    #expect(try bytes(ofFile: path) == content + [0x0A])
    #expect(try scratch.names() == ["report.json"])
  }

  @Test func `a file dropped unfinished leaves nothing and keeps the old one`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("report.json", Array("old".utf8))
    func drop() throws {
      var file = try OutputFile(path: path)
      try file.write(Array("half".utf8).span)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 2)
    }
    try drop()
    #expect(try scratch.names() == ["report.json"])
    #expect(try bytes(ofFile: path) == Array("old".utf8))
  }

  @Test func `the temporary file is invisible to a scan`() throws {
    let scratch = try Scratch()
    let file = try OutputFile(path: scratch.path("part.gz"))
    #expect(InputTree.files(under: scratch.path).files == [])
    try file.finish()
    #expect(InputTree.files(under: scratch.path).files == [scratch.path("part.gz")])
  }

  @Test func `a failed rename is reported and leaves nothing`() throws {
    let scratch = try Scratch()
    let path = scratch.path("target")
    let file = try OutputFile(path: path)
    try scratch.makeDirectory("target")
    do throws(FileError) {
      try file.finish()
      Issue.record("a directory was replaced")
    } catch {
      #expect(error == FileError(.rename, path: path, errno: EISDIR))
    }
    #expect(try scratch.names() == ["target"])
  }

  @Test func `a directory, a FIFO and a missing directory are refused at the start`() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("directory")
    #expect(unsafe mkfifo(scratch.path("fifo"), 0o600) == 0)
    let refusals = [("directory", EISDIR), ("fifo", ENOTSUP), ("absent/file", ENOENT)]
    for (name, code) in refusals {
      let path = scratch.path(name)
      let error = #expect(throws: FileError.self) { _ = try OutputFile(path: path) }
      #expect(error == FileError(.open, path: path, errno: code))
    }
    #expect(try scratch.names() == ["directory", "fifo"])
  }

  @Test(arguments: [("", ENOENT), ("report\0.json", EINVAL)])
  func `a path that can name no file is refused at the start`(path: String, code: Int32) {
    let error = #expect(throws: FileError.self) { _ = try OutputFile(path: path) }
    #expect(error == FileError(.stat, path: path, errno: code))
  }

  @Test func `permissions are as asked for`() throws {
    let scratch = try Scratch()
    let path = scratch.path("private")
    try OutputFile(path: path, permissions: 0o600).finish()
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }
}
