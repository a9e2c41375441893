import Archive
import Foundation
import Testing

@Suite struct ContainedRootTests {
  /// A root `in` with files, a directory `out` beside it with another, and links of all kinds.
  private struct Scene {
    let scratch: Scratch
    let root: ContainedRoot

    init() throws {
      scratch = try Scratch()
      for name in ["in", "in/sub", "in/sub/deep", "out"] { try scratch.makeDirectory(name) }
      try scratch.write("in/a.txt", [1])
      try scratch.write("in/sub/Read Me.TXT", [2])
      try scratch.write("in/sub/deep/b.txt", [3])
      try scratch.write("out/secret.txt", [4])
      root = try ContainedRoot(path: scratch.path("in"))
    }

    func found(_ path: String, _ match: NameMatch = .exact) -> String {
      let names = path.split(separator: "/").map { Array($0.utf8) }
      return switch root.find(names, matching: match) {
      case .file(let file): String(file.path.text.dropFirst(root.path.text.count + 1))
      case .directory: "directory"
      case .special: "special"
      case .missing: "missing"
      case .ambiguous: "ambiguous"
      case .outside: "outside"
      case .unreadable(let error): "errno \(error.errno)"
      }
    }
  }

  @Test(arguments: [
    ("a.txt", "a.txt"), ("sub/deep/b.txt", "sub/deep/b.txt"), ("", "directory"),
    ("sub", "directory"), ("gone.txt", "missing"), ("a.txt/b", "missing"),
    ("sub/read me.txt", "missing"), ("../out/secret.txt", "outside"),
    (String(repeating: "n", count: 300), "missing"), ("sub/../a.txt", "a.txt"),
  ])
  func `names lead to what is below the root`(path: String, expected: String) throws {
    #expect(try Scene().found(path) == expected)
  }

  @Test(arguments: [
    ("A.TXT", "a.txt"), ("SUB/read me.txt", "sub/Read Me.TXT"), ("a.txt. .", "a.txt"),
    ("sub./deep /B.txt", "sub/deep/b.txt"), ("...", "missing"), (" ", "missing"),
  ])
  func `Windows sees no case, and no dots and blanks at the end`(
    path: String, expected: String
  ) throws {
    #expect(try Scene().found(path, .folded) == expected)
  }

  @Test func `a name that is there as it is written wins, and two others are ambiguous`() throws {
    let scene = try Scene()
    try scene.scratch.write("in/A.TXT", [])
    #expect(scene.found("a.txt", .folded) == "a.txt")
    #expect(scene.found("A.TXT", .folded) == "A.TXT")
    #expect(scene.found("A.txt", .folded) == "ambiguous")
  }

  @Test func `composed and decomposed letters are the same`() throws {
    let scene = try Scene()
    try scene.scratch.write("in/e\u{301}te\u{301}.txt", [])
    let onDisk = "e\u{301}te\u{301}.txt"
    for match in [NameMatch.exact, .folded] {
      #expect(scene.found("\u{E9}t\u{E9}.txt", match).utf8.elementsEqual(onDisk.utf8))
    }
    #expect(scene.found("\u{C9}t\u{E9}.txt", .exact) == "missing")
  }

  @Test func `links within the root are followed, and none out of it`() throws {
    let scene = try Scene()
    let (scratch, root) = (scene.scratch, scene.root.path.text)
    for (name, target) in [
      ("in/near", "sub/deep/b.txt"), ("in/sub/up", "../a.txt"), ("in/directory", "sub"),
      ("in/absolute", root + "/a.txt"), ("in/twice", "near"), ("in/self", "self"),
      ("in/dangling", "nowhere"), ("in/out", "../out/secret.txt"),
      ("in/outDirectory", root + "/../out"), ("in/etc", "/etc"),
      ("in/sub/far", "../../in/a.txt"), ("in/prefix", root + "side/a.txt"), ("in/root", root),
    ] { try scratch.link(name, to: target) }
    let expected = [
      ("near", "sub/deep/b.txt"), ("sub/up", "a.txt"), ("directory/deep/b.txt", "sub/deep/b.txt"),
      ("absolute", "a.txt"), ("twice", "sub/deep/b.txt"), ("self", "errno \(ELOOP)"),
      ("dangling", "missing"), ("out", "outside"), ("outDirectory/secret.txt", "outside"),
      ("etc/passwd", "outside"), ("sub/far", "outside"), ("prefix", "outside"),
      ("root/a.txt", "a.txt"),
    ]
    for (path, outcome) in expected { #expect(scene.found(path) == outcome, "\(path)") }
  }

  @Test func `what is no file is neither opened nor missing`() throws {
    let scene = try Scene()
    #expect(unsafe mkfifo(scene.scratch.path("in/pipe"), 0o600) == 0)
    #expect(unsafe mknod(scene.scratch.path("in/socket"), S_IFSOCK | 0o600, 0) == 0)
    #expect(scene.found("pipe") == "special")
    #expect(scene.found("socket") == "special")
    #expect(scene.found("pipe/a") == "missing")
  }

  @Test func `a directory that becomes a link while it is known leads nowhere else`() throws {
    let scene = try Scene()
    // The directory's names are known from here on.
    #expect(scene.found("SUB/DEEP/B.TXT", .folded) == "sub/deep/b.txt")
    try FileManager.default.removeItem(atPath: scene.scratch.path("in/sub"))
    try scene.scratch.link("in/sub", to: "../out")
    #expect(scene.found("sub/secret.txt") == "outside")
    #expect(scene.found("SUB/SECRET.TXT", .folded) == "outside")
  }

  @Test func `a root may be reached by a link, and must be a directory`() throws {
    let scene = try Scene()
    try scene.scratch.link("way", to: "in")
    let root = try ContainedRoot(path: scene.scratch.path("way"))
    #expect(root.path == scene.root.path)
    #expect(
      root.find([Array("a.txt".utf8)], matching: .exact)
        == scene.root.find([Array("a.txt".utf8)], matching: .exact))
    #expect(throws: FileError.self) { try ContainedRoot(path: scene.scratch.path("in/a.txt")) }
    #expect(throws: FileError.self) { try ContainedRoot(path: scene.scratch.path("none")) }
    #expect(throws: FileError.self) { try ContainedRoot(path: "/\0") }
  }

  @Test func `a name that is not UTF-8 is found by its bytes`() throws {
    let scene = try Scene()
    let name: [UInt8] = [0x61, 0xFF]
    let path = Array(scene.scratch.path("in/").utf8) + name + [0]
    let descriptor = unsafe open(path.map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY, 0o600)
    #expect(descriptor >= 0 && close(descriptor) == 0)
    guard case .file(let file) = scene.root.find([name], matching: .folded) else {
      Issue.record("not found")
      return
    }
    #expect(file.path.bytes.suffix(2) == name[...])
  }
}
