internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct FileRetrievalTests {
  private static func retrieval(_ scene: FilesScene) -> FileRetrieval {
    FileRetrieval(scene.store, bucket: FilesScene.bucket, target: scene.target)
  }

  @Test(arguments: FilesScene.StoreKind.allCases)
  func `a file comes back by its row's id, its path, and without a row`(
    kind: FilesScene.StoreKind
  ) async throws {
    try await FilesScene.with(kind) { scene in
      try await scene.addObject("s/a.txt", "some text")
      try scene.addRow("s/a.txt", "some text")
      try await scene.addObject("s/alone.txt", "alone")
      let id = try scene.database.query("SELECT id::text FROM files")[0][0]
      let retrieval = Self.retrieval(scene)
      for (name, content, filename) in [
        (try #require(id), "some text", "own name.txt"), ("s/a.txt", "some text", "own name.txt"),
        ("s/alone.txt", "alone", "alone.txt"),
      ] {
        let subject = try await retrieval.find(name)
        #expect(subject.filename == filename)
        let path = "\(scene.directory.path)/back"
        #expect(try await retrieval.retrieve(subject, to: path) == content.utf8.count)
        #expect(try scene.directory.read("back") == Array(content.utf8))
      }
    }
  }

  @Test(arguments: FilesScene.StoreKind.allCases)
  func `damaged bytes leave no file, and the one that was there`(
    kind: FilesScene.StoreKind
  ) async throws {
    try await FilesScene.with(kind) { scene in
      try await scene.addObject("s/a.txt", "some text")
      try scene.addRow("s/a.txt", "some text")
      try scene.damage("s/a.txt", "same text")
      let retrieval = Self.retrieval(scene)
      let subject = try await retrieval.find("s/a.txt")
      try scene.directory.write("back/there", "before")
      for name in ["new", "there"] {
        await #expect {
          try await retrieval.retrieve(subject, to: "\(scene.directory.path)/back/\(name)")
        } throws: {
          ($0 as? RunError)?.kind == .overBudget
        }
      }
      let left = try FileManager.default.contentsOfDirectory(
        atPath: "\(scene.directory.path)/back")
      #expect(left == ["there"])
      #expect(try scene.directory.read("back/there") == Array("before".utf8))
    }
  }

  @Test func `what is nowhere is said so`() async throws {
    try await FilesScene.with(.directory) { scene in
      let retrieval = Self.retrieval(scene)
      await #expect(throws: RunError.self) {
        try await retrieval.find("00000000-0000-4000-8000-000000000000")
      }
      let subject = try await retrieval.find("s/none")
      await #expect(throws: RunError.self) {
        try await retrieval.retrieve(subject, to: "\(scene.directory.path)/back")
      }
      await #expect(throws: RunError.self) {
        try await retrieval.retrieve(try await retrieval.find("../out"), to: "back")
      }
    }
  }

  @Test(arguments: [
    (#"C:\Project\a.txt"#, "a.txt"), ("../../etc/passwd", "passwd"), ("a/..", "file"),
    ("", "file"), ("plain", "plain"),
  ])
  func `a row's name becomes a name in this directory`(
    name: String, expected: String
  ) async throws {
    try await FilesScene.with(.directory) { scene in
      _ = try scene.database.query(
        "INSERT INTO files (filename, storage_path) VALUES ($1, 's/a')", [name])
      #expect(try await Self.retrieval(scene).find("s/a").filename == expected)
    }
  }
}
