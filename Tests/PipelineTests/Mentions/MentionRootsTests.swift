internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct MentionRootsTests {
  private static let files = [
    "uploads/project/src/Main.swift", "uploads/project/README.md", "uploads/app/run.sh",
    "uploads/a b.txt", "uploads/100%25.txt", "uploads/home/ada/notes.txt", "more/README.md",
    "more/only here.txt", "elsewhere/secret.txt", "uploads/caf\u{E9}.txt", "uploads/x/one.txt",
  ]

  /// Where each text leads: the file's path below the scene, else the outcome's name.
  private static func outcomes(
    _ texts: [String], map: [String: String] = [:], below roots: [String] = ["uploads", "more"]
  ) async throws -> [String] {
    try await TemporaryDirectory.with { directory in
      for file in files { try directory.write(file, file) }
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory.path)/uploads/escape", withDestinationPath: "../elsewhere")
      let roots = try MentionRoots(
        roots.map { "\(directory.path)/\($0)" }, map: map.mapValues { "\(directory.path)/\($0)" })
      return texts.map { text in
        let own = text.replacing("{directory}", with: directory.path)
        switch roots.find(Array(own.utf8)) {
        case .file(let file): return String(file.path.text.dropFirst(directory.path.count + 1))
        case .data: return "data"
        case .web: return "web"
        case .noFile: return "no file"
        case .missing: return "missing"
        case .ambiguous: return "ambiguous"
        case .outside: return "outside"
        case .unreadable(let error): return "errno \(error.errno)"
        }
      }
    }
  }

  private static let map = [
    #"C:\Project"#: "uploads/project", "/app": "uploads/app", "/mnt/d/x": "uploads/x",
    #"C:\Project\src\Main.swift"#: "more/only here.txt", #"\\server\share"#: "uploads",
  ]

  @Test(arguments: [
    (#"C:\Project\README.md"#, "uploads/project/README.md"),
    ("c:/project/readme.MD", "uploads/project/README.md"),
    (#"C:\Project\SRC\main.swift"#, "more/only here.txt"), ("/app/run.sh", "uploads/app/run.sh"),
    ("/app/RUN.sh", "missing"), ("/app/c:/Project/README.md", "uploads/project/README.md"),
    ("/mnt/c/Project/README.md", "uploads/project/README.md"),
    (#"D:\x\one.txt"#, "uploads/x/one.txt"), (#"\\Server\Share\a b.txt"#, "uploads/a b.txt"),
    ("file:///C:/Project/README.md", "uploads/project/README.md"),
    (#"C:\Project\gone.txt"#, "missing"), (#"C:\Project\..\..\elsewhere"#, "outside"),
    (#"C:\Project\..\elsewhere\secret.txt"#, "outside"), (#"C:\Projects\README.md"#, "outside"),
    (#"C:\Project"#, "no file"), ("/app/../../etc/passwd", "outside"),
  ])
  func `mapped paths lead to their place, the longest mapping first`(
    text: String, expected: String
  ) async throws {
    #expect(try await Self.outcomes([text], map: Self.map) == [expected])
  }

  @Test(arguments: [
    (#"C:\Other\data\a.csv"#, "C:/Other"), ("/mnt/c/other/a", "C:/other"), ("/srv/a/b", "/srv"),
    (#"C:\Project\gone.txt"#, nil), ("/app/gone", nil), ("{directory}/uploads/gone", nil),
    ("gone/a", nil), ("../a", nil), ("", nil),
  ])
  func `an absolute path that nothing leads to has a beginning to be mapped`(
    text: String, expected: String?
  ) async throws {
    try await TemporaryDirectory.with { directory in
      for file in Self.files { try directory.write(file, file) }
      let roots = try MentionRoots(
        ["\(directory.path)/uploads"],
        map: [
          #"C:\Project"#: "\(directory.path)/uploads/project",
          "/app": "\(directory.path)/uploads/app",
        ])
      let own = text.replacing("{directory}", with: directory.path)
      #expect(roots.unmappedBeginning(of: Array(own.utf8)) == expected)
    }
  }

  @Test(arguments: [
    ("README.md", "more/README.md"), ("readme.md", "more/README.md"),
    ("only here.txt", "more/only here.txt"), ("only%20here.txt", "more/only here.txt"),
    ("a%20b.txt", "uploads/a b.txt"), ("100%25.txt", "uploads/100%25.txt"),
    ("cafe\u{301}.txt", "uploads/caf\u{E9}.txt"), ("caf%C3%A9.txt", "uploads/caf\u{E9}.txt"),
    ("/home/ada/notes.txt", "uploads/home/ada/notes.txt"),
    (#"C:\home\Ada\notes.txt"#, "uploads/home/ada/notes.txt"),
    ("{directory}/uploads/a b.txt", "uploads/a b.txt"),
    ("file://{directory}/uploads/a%20b.txt", "uploads/a b.txt"),
    ("{directory}/elsewhere/secret.txt", "outside"), ("/etc/passwd", "outside"),
    ("escape/secret.txt", "outside"), ("../elsewhere/secret.txt", "outside"),
    ("%2e%2e/elsewhere/secret.txt", "outside"), ("..%5celsewhere%5csecret.txt", "outside"),
    ("uploads/a b.txt", "missing"), ("project", "no file"), ("project/", "no file"),
    ("project/README.md/x", "missing"), ("a b.txt\u{0}.png", "missing"),
    ("https://example.org/README.md", "web"), ("s3://bucket/a", "web"),
    ("data:text/plain,hello", "data"), ("DATA:;base64,AA==", "data"), ("", "missing"),
  ])
  func `other paths are looked for below each root`(text: String, expected: String) async throws {
    #expect(try await Self.outcomes([text]) == [expected])
  }

  @Test func `a mapping must lead below a root, which must be there`() async throws {
    await #expect(throws: RunError.self) {
      try await Self.outcomes([], map: ["/app": "elsewhere"])
    }
    await #expect(throws: RunError.self) {
      try await Self.outcomes([], map: ["/app": "uploads/../elsewhere"])
    }
    await #expect(throws: RunError.self) {
      try await Self.outcomes([], map: ["../x": "uploads"])
    }
    await #expect(throws: RunError.self) { try await Self.outcomes([], below: ["nowhere"]) }
  }

  @Test func `a mapped directory need not be there yet`() async throws {
    let found = try await Self.outcomes(["/new/a.txt"], map: ["/new": "uploads/later"])
    #expect(found == ["missing"])
  }
}
