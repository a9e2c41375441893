internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct FilesCommandTests {
  @Test(arguments: [false, true])
  func `verify tells what is not in step, and ends with 65`(server: Bool) async throws {
    try await StoredFilesScene.with(server: server) { stored in
      try await stored.add("s-1/a.txt", "some text")
      let sound = try await stored.files(["verify"])
      #expect(sound.status == 0)
      #expect(sound.output == "in step: 1 rows, 1 objects, 9 B\n")
      try await stored.add("s-1/gone.txt", "gone", object: false)
      try await stored.add("s-2/alone.txt", "alone", row: false)
      let ended = try await stored.files(["verify", "--read"])
      #expect(ended.status == 65)
      #expect(
        ended.output == """
          no object  s-1/gone.txt  4 bytes
          no row  s-2/alone.txt  5 bytes
          not in step: 2 rows, 2 objects, 14 B; 1 read, 9 B; 2 problems, 0 settled

          """)
    }
  }

  @Test func `the same as JSON has every problem with its row`() async throws {
    try await StoredFilesScene.with { stored in
      try await stored.add("s-1/gone.txt", "gone", object: false)
      let ended = try await stored.files(["verify", "--json"])
      #expect(ended.status == 65)
      let json = try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
      let result = try #require(json as? [String: Any])
      #expect(result["schema"] as? String == "convoy.files.verify/1")
      #expect(result["isInStep"] as? Bool == false)
      let problem = try #require((result["problems"] as? [[String: Any]])?.first)
      #expect(problem["kind"] as? String == "no object")
      #expect(problem["path"] as? String == "s-1/gone.txt")
      let id = try stored.scene.value("SELECT id::text FROM files")
      #expect(problem["rowId"] as? String == id)
    }
  }

  @Test(arguments: [false, true])
  func `repair sends what is missing from where it is, and removes only when told to`(
    server: Bool
  ) async throws {
    try await StoredFilesScene.with(server: server) { stored in
      try await stored.add("s-1/gone.txt", "gone", object: false)
      try await stored.add("s-2/alone.txt", "alone", row: false)
      try stored.scene.directory.write("kept/copy of it.txt", "gone")
      let first = try await stored.files(["verify", "--repair", "--from", "kept"])
      #expect(first.status == 65)
      #expect(first.output.contains("no object  s-1/gone.txt  4 bytes  uploaded\n"))
      #expect(first.output.contains("no row  s-2/alone.txt  5 bytes  left\n"))
      let second = try await stored.files(["verify", "--repair", "--yes"])
      #expect(second.status == 0)
      #expect(second.output.contains("no row  s-2/alone.txt  5 bytes  removed\n"))
      #expect(try await stored.files(["verify", "--read"]).status == 0)
    }
  }

  @Test(arguments: [false, true])
  func `get brings a file back, and a damaged one not at all`(server: Bool) async throws {
    try await StoredFilesScene.with(server: server) { stored in
      try await stored.add("s-1/a.txt", "some text")
      let id = try #require(try stored.scene.value("SELECT id::text FROM files"))
      let byId = try await stored.files(["get", id])
      #expect(byId.status == 0)
      #expect(byId.output == "a.txt: 9 B\n")
      #expect(try stored.scene.directory.read("a.txt") == Array("some text".utf8))
      let again = try await stored.files(["get", id])
      #expect(again.status == 74)
      let byPath = try await stored.files(["get", "s-1/a.txt", "-o", "out.bin"])
      #expect(byPath.status == 0)
      #expect(try stored.scene.directory.read("out.bin") == Array("some text".utf8))
      try stored.scene.execute("UPDATE files SET file_hash = repeat('0', 64)")
      let damaged = try await stored.files(["get", id, "-o", "damaged.bin"])
      #expect(damaged.status == 65)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: stored.scene.directory.path)
      #expect(!names.contains { $0.contains("damaged") || $0.hasPrefix(".convoy") })
    }
  }

  @Test func `a pipeline names store, bucket and target`() async throws {
    try await StoredFilesScene.with { stored in
      try await stored.add("s-1/a.txt", "some text")
      try stored.scene.directory.write(
        "uploads.yaml",
        """
        files: {roots: [source]}
        store: {kind: directory, directory: objects}
        load: {target: "\(stored.scene.database.url)"}
        """)
      let ended = try await stored.scene.convoy(["files", "verify", "uploads.yaml"])
      #expect(ended.status == 0)
      #expect(ended.output == "in step: 1 rows, 1 objects, 9 B\n")
      let got = try await stored.scene.convoy(
        ["files", "get", "s-1/a.txt", "--pipeline", "uploads.yaml"])
      #expect(got.status == 0)
    }
  }

  @Test(arguments: [
    ["verify", "--read", "7"], ["verify", "--yes"], ["verify", "--from", "kept"], ["get"],
  ])
  func `options that do not go together are refused`(arguments: [String]) async throws {
    let ended = try await ConvoyProcess.run(["files"] + arguments)
    #expect(ended.status == 64)
  }
}
