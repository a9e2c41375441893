import Archive
import Foundation
import Testing

@Suite struct InputTreeTests {
  private func relative(_ paths: [String], to root: String) -> [String] {
    paths.map { String($0.dropFirst(root.count + 1)) }
  }

  @Test func `files come in byte order of their whole paths`() throws {
    let scratch = try Scratch()
    let names = ["a/b", "a-b", "a.b", "B", "b", "é", "e\u{301}", "z", "a/a/a", "10", "9"]
    try scratch.makeDirectory("a/a")
    for name in names { try scratch.write(name, []) }
    let listing = InputTree.files(under: scratch.path)
    let expected = ["10", "9", "B", "a-b", "a.b", "a/a/a", "a/b", "b", "e\u{301}", "z", "é"]
    #expect(
      relative(listing.files, to: scratch.path).map { Array($0.utf8) }
        == expected.map { Array($0.utf8) })
    #expect(listing.unreadable == [])
    #expect(listing.skipped.isEmpty)
  }

  @Test func `dotted names and archive leftovers are passed over`() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory(".git")
    try scratch.makeDirectory("__MACOSX")
    for name in [".git/config", "__MACOSX/._a", ".hidden", "kept"] { try scratch.write(name, []) }
    #expect(InputTree.files(under: scratch.path).files == [scratch.path("kept")])
  }

  @Test func `a FIFO and a socket are skipped with their reason`() throws {
    let scratch = try Scratch()
    try scratch.write("file", [])
    try scratch.link("null", to: "/dev/null")
    #expect(unsafe mkfifo(scratch.path("fifo"), 0o600) == 0)
    #expect(unsafe mknod(scratch.path("socket"), S_IFSOCK | 0o600, 0) == 0)
    let listing = InputTree.files(under: scratch.path)
    #expect(listing.files == [scratch.path("file")])
    #expect(listing.skipped.map(\.path) == ["fifo", "null", "socket"].map { scratch.path($0) })
    #expect(listing.skipped.map(\.reason) == [.fifo, .device, .socket])
  }

  @Test func `links to files and outside directories are followed`() throws {
    let scratch = try Scratch()
    let outside = try Scratch()
    try outside.write("file", [])
    try scratch.write("original", [])
    try scratch.link("alias", to: "original")
    try scratch.link("outside", to: outside.path)
    let listing = InputTree.files(under: scratch.path)
    #expect(
      relative(listing.files, to: scratch.path) == ["alias", "original", "outside/file"])
  }

  @Test func `a loop of links ends and each directory is scanned under its real path`() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("real/deep")
    try scratch.write("real/deep/file", [])
    try scratch.link("real/deep/up", to: "../..")
    try scratch.link("alias", to: "real")
    let listing = InputTree.files(under: scratch.path)
    #expect(relative(listing.files, to: scratch.path) == ["real/deep/file"])
    #expect(relative(listing.skipped.map(\.path), to: scratch.path) == ["alias", "real/deep/up"])
    #expect(listing.skipped.allSatisfy { $0.reason == .directoryAlreadyScanned })
  }

  @Test func `a dangling link and a link to itself are unreadable, the rest is found`() throws {
    let scratch = try Scratch()
    try scratch.write("file", [])
    try scratch.link("dangling", to: "absent")
    try scratch.link("self", to: "self")
    let listing = InputTree.files(under: scratch.path)
    #expect(listing.files == [scratch.path("file")])
    #expect(
      listing.unreadable == [
        FileError(.stat, path: scratch.path("dangling"), errno: ENOENT),
        FileError(.stat, path: scratch.path("self"), errno: ELOOP),
      ])
  }

  @Test func `without the right to read, a file and a directory are unreadable`() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("closed")
    try scratch.write("closed/file", [])
    try scratch.write("secret", [])
    #expect(unsafe chmod(scratch.path("closed"), 0) == 0)
    #expect(unsafe chmod(scratch.path("secret"), 0) == 0)
    let listing = InputTree.files(under: scratch.path)
    #expect(unsafe chmod(scratch.path("closed"), 0o700) == 0)
    if geteuid() == 0 {
      // Nothing is closed to root.
      #expect(listing.files == [scratch.path("closed/file"), scratch.path("secret")])
    } else {
      #expect(
        listing.unreadable
          == ["closed", "secret"].map {
            FileError(.open, path: scratch.path($0), errno: EACCES)
          })
    }
  }

  @Test func `a name that is not UTF-8 is reported, the rest is found`() throws {
    let scratch = try Scratch()
    try scratch.write("file", [])
    let name = Array(scratch.path.utf8) + [UInt8(ascii: "/"), 0x61, 0xFF, 0x0A, 0]
    let descriptor = unsafe open(name.map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY, 0o600)
    #expect(descriptor >= 0 && close(descriptor) == 0)
    let listing = InputTree.files(under: scratch.path)
    #expect(listing.files == [scratch.path("file")])
    #expect(
      listing.unreadable == [
        FileError(.decode, path: scratch.path("a\\xff\\x0a"), errno: EILSEQ)
      ])
  }

  @Test func `a root that is gone is unreadable, a root that is a file is the only file`() throws {
    let scratch = try Scratch()
    let gone = InputTree.files(under: scratch.path("gone"))
    #expect(gone.unreadable == [FileError(.stat, path: scratch.path("gone"), errno: ENOENT)])
    let path = try scratch.write(".file", [])
    #expect(InputTree.files(under: path).files == [path])
  }

  @Test func `the first of two links to one outside directory is followed`() throws {
    let scratch = try Scratch()
    let outside = try Scratch()
    try outside.write("file", [])
    for name in ["b", "a", "c"] { try scratch.link(name, to: outside.path) }
    let listing = InputTree.files(under: scratch.path)
    #expect(listing.files == [scratch.path("a/file")])
    #expect(listing.skipped.map(\.path) == [scratch.path("b"), scratch.path("c")])
  }

  @Test func `a slash at the end of the root is not doubled`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("file", [])
    #expect(InputTree.files(under: scratch.path + "/").files == [path])
  }

  @Test func `a tree of five hundred levels is scanned to its end`() throws {
    let scratch = try Scratch()
    let deep = Array(repeating: "d", count: 500).joined(separator: "/")
    try scratch.makeDirectory(deep)
    try scratch.write(deep + "/file", [])
    #expect(InputTree.files(under: scratch.path).files == [scratch.path(deep + "/file")])
  }
}
