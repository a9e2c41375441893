internal import Testing

@testable internal import Pipeline

@Suite struct WrittenPathTests {
  /// Anchor and names with slashes between; `!` and the reason for what is no path.
  private static func shown(_ reading: () throws(WrittenPath.Refusal) -> WrittenPath) -> String {
    do throws(WrittenPath.Refusal) {
      let path = try reading()
      let names = path.names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
      return switch path.anchor {
      case .relative: names
      case .root: "/\(names)"
      case .drive(let letter): "\(Character(Unicode.Scalar(letter))):/\(names)"
      }
    } catch {
      return "!\(error)"
    }
  }

  private static func shown(_ text: String) -> String {
    shown { () throws(WrittenPath.Refusal) in try WrittenPath(Array(text.utf8)) }
  }

  @Test(arguments: [
    #"C:\Project\a.txt"#, "c:/Project/a.txt", #"c:\\Project\\a.txt"#, #"C:/Project\a.txt"#,
    "/app/c:/Project/a.txt", "/mnt/c/Project/a.txt", "/tmp/../mnt/C/Project/a.txt",
    #"\\?\C:\Project\a.txt"#, "//?/c:/Project/a.txt", #"\\.\c:\Project\a.txt"#,
    #"C:\Project\.\sub\..\a.txt"#, "C:Project/a.txt", "/C:/Project/a.txt", "C:/Project/a.txt/",
  ])
  func `a drive's path is the same in every spelling`(text: String) {
    #expect(Self.shown(text) == "c:/Project/a.txt")
  }

  @Test(arguments: [
    ("README.md", "README.md"), ("./src//a.py", "src/a.py"), (#"src\a.py"#, "src/a.py"),
    ("/app/x/a.py", "/app/x/a.py"), ("/", "/"), ("//app/x", "/app/x"), ("/mnt/cc/x", "/mnt/cc/x"),
    (#"\\server\share\a.txt"#, "/server/share/a.txt"), ("//server/share/a", "/server/share/a"),
    (#"\\?\UNC\server\share\a"#, "/server/share/a"), ("C:\\", "c:/"), ("a/b:c", "a/b:c"),
    ("/data/b:c/d", "/data/b:c/d"), (#"C:\a\b:stream"#, "c:/a/b:stream"),
    ("~/a", "~/a"), ("a/..", "!empty"), ("", "!empty"), (".", "!empty"), ("..", "!climbs"),
    ("../a", "!climbs"), (#"..\..\x"#, "!climbs"), ("a/../../b", "!climbs"),
    ("/app/../../etc/passwd", "!climbs"), (#"C:\..\x"#, "!climbs"), ("a\0b", "!impossible"),
    (String(repeating: "a/", count: 3_000), "!impossible"), (".../a", ".../a"),
    ("a/.. /b", "a/.. /b"),
  ])
  func `paths of every system are read`(text: String, expected: String) {
    #expect(Self.shown(text) == expected)
  }

  @Test(arguments: [
    ("file:///home/ada/a.txt", "/home/ada/a.txt"), ("file:/home/ada/a.txt", "/home/ada/a.txt"),
    ("FILE://localhost/a%20b.txt", "/a b.txt"), ("file:///C:/Project/a.txt", "c:/Project/a.txt"),
    ("file:///c%3A/Project/a.txt", "c:/Project/a.txt"), ("file://C:/a.txt", "c:/a.txt"),
    ("file:///c|/a.txt", "c:/a.txt"), ("file://server/share/a.txt", "/server/share/a.txt"),
    ("file:///a.txt#L10", "/a.txt"), ("file:///a.txt?raw=1", "/a.txt"), ("file:a.txt", "a.txt"),
    ("file:///a%23b", "/a#b"), ("file:///%2e%2e/etc/passwd", "!climbs"),
    ("file:///a%2f..%2f..%2fetc/passwd", "!climbs"), ("file:///a%00b", "!impossible"),
    ("file:///100%", "/100%"), ("file:///a%zz", "/a%zz"),
  ])
  func `file URLs are read and their escapes resolved`(text: String, expected: String) {
    let shown = Self.shown { () throws(WrittenPath.Refusal) in
      try WrittenPath(url: Array(text.utf8))
    }
    #expect(WrittenPath.isURL(Array(text.utf8)))
    #expect(shown == expected)
  }

  @Test(arguments: [
    (#"C:\PROJECT\A.txt"#, #"c:\project"#, "A.txt"), (#"C:\Project"#, "c:/", "Project"),
    (#"C:\Projects\a"#, #"C:\Project"#, nil), ("/app/a", "/app", "a"), ("/App/a", "/app", nil),
    ("/app", "/app", ""), ("/app/a", "/", "app/a"), ("app/a", "/app", nil), ("D:/a", "C:/", nil),
    (#"\\SERVER\share\a"#, "//server/share", "a"),
  ])
  func `a path is below another as its system compares names`(
    text: String, directory: String, expected: String?
  ) throws {
    let path = try WrittenPath(Array(text.utf8))
    let names = path.names(below: try WrittenPath(Array(directory.utf8)))
    let shown = names.map { rest in
      rest.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }
    #expect(shown == expected)
  }
}
