internal import Foundation
internal import FoundationNetworking
internal import Pipeline
internal import StorageServer
internal import TestSupport
internal import Testing

/// Pipelines that store files in a bucket.
@Suite struct FilesStoreTests {
  @Test func `files of every size go to a private bucket`() async throws {
    try await FilesScene.withServer { scene in
      try scene.addSessions("s")
      try scene.directory.write("up/s/empty", "")
      try scene.directory.write("up/s/small.txt", "small")
      try scene.directory.write(
        "up/s/large.bin", [UInt8](repeating: 7, count: 13 << 20))
      let report = try await scene.run().expect()
      #expect(report.total.files == .of(inserted: 3))
      try scene.expectInStep()
      #expect(Set(try scene.rows("bucket_name")) == [["b"]])
      #expect(try await scene.run().expect().total.files == .of(unchanged: 3))
      let server = try #require(scene.server)
      #expect(server.served.filter { $0.request.path.hasPrefix("/object/b/") }.count == 2)
    }
  }

  @Test func `a file over the bucket's limit is a reject with both sizes, and the rest goes on`()
    async throws
  {
    var settings = StorageSettings()
    settings.projectLimitBytes = 52_428_800
    try await FilesScene.withServer(settings) { scene in
      try scene.directory.write("up/a.txt", "a")
      let path = try scene.directory.write("up/big.bin", "")
      // A hole: nothing of it is read.
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: 52_428_801)
      try file.close()
      let dry = try await scene.run(options: ["--dry-run"])
      #expect(try dry.expect(3).total.files == .of(inserted: 1, rejected: 1))
      #expect(try #require(scene.server).served.allSatisfy { $0.request.method == "GET" })
      let ended = try await scene.run()
      #expect(try ended.expect(3).total.files == .of(inserted: 1, rejected: 1))
      #expect(
        try ended.rejects.map(\.message)
          == ["up/big.bin has 52428801 bytes, and the store takes 52428800"])
      try scene.expectInStep()
    }
  }

  @Test func `another content under the key is a reject`() async throws {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      try scene.directory.write("up/a.txt", "a")
      try await scene.run().expect()
      try scene.directory.write("up/b.txt", "bb")
      let key = "unlinked/\(FilesScene.hash("bb")).txt"
      try server.store("b", key, Data("other".utf8))
      let ended = try await scene.run()
      #expect(try ended.expect(3).total.files == .of(inserted: 0, unchanged: 1, rejected: 1))
      #expect(try ended.rejects.map(\.rule) == ["file.refused"])
      #expect(try server.content("b", key) == Data("other".utf8))
    }
  }

  @Test func `a file that changes while it is sent is a reject, and its twin is stored`()
    async throws
  {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      try scene.directory.write("up/a.txt", "same")
      try scene.directory.write("up/b.txt", "same")
      let gate = StorageGate()
      server.inject(StorageFault("POST", "/bucket", times: 1, .holdResponse(gate)))
      // The bucket is made before anything is hashed; the listing behind that is held for the change.
      gate.open()
      try await scene.run().expect()
      try scene.directory.write("up/c.txt", "first")
      try scene.directory.write("up/d.txt", "first")
      let held = StorageGate()
      server.inject(StorageFault("POST", "/object/list-v2/b", .hold(held)))
      let ended = try await scene.run { _ in
        while !held.isReached { try await Task.sleep(for: .milliseconds(5)) }
        try scene.directory.write("up/c.txt", "second")
        held.open()
      }
      let report = try ended.expect(3)
      #expect(report.total.files == .of(inserted: 1, unchanged: 1, merged: 1, rejected: 1))
      #expect(try ended.rejects.map(\.rule) == ["file.changed"])
      #expect(try scene.rows("filename").contains(["d.txt"]))
      try scene.expectInStep()
    }
  }

  @Test func `a server that fails for a while costs tries and no file`() async throws {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      for index in 0..<20 { try scene.directory.write("up/\(index).txt", "file \(index)") }
      server.inject(
        StorageFault("POST", "/object/unlinked", .databaseTimeout),
        StorageFault("POST", "/object/b/", after: 3, .dropRequest(afterBodyBytes: 2)),
        StorageFault("POST", "/object/b/", after: 5, .dropResponse(afterBytes: 10)),
        StorageFault("POST", "/object/b/", after: 9, .locked))
      let report = try await scene.run().expect()
      #expect(report.total.files == .of(inserted: 20))
      try scene.expectInStep()
    }
  }

  @Test func `a store that cannot be reached ends with 69 and what to do, without its key`()
    async throws
  {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      try scene.directory.write("up/a.txt", "a")
      server.inject(StorageFault(times: .max, .paused))
      let ended = try await scene.run()
      #expect(ended.status == 69, "\(ended.errors)")
      #expect(ended.errors.contains("hint: restore the project"))
      #expect(!ended.errors.contains(server.key))
      #expect(try scene.rows("id").isEmpty)
    }
  }

  @Test func `a public bucket is refused unless the pipeline allows it`() async throws {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      try scene.directory.write("up/a.txt", "a")
      var request = URLRequest(
        url: try #require(URL(string: "\(server.address)/storage/v1/bucket")))
      request.httpMethod = "POST"
      request.httpBody = Data(#"{"id": "b", "name": "b", "public": true}"#.utf8)
      request.setValue(server.key, forHTTPHeaderField: "apikey")
      request.setValue("Bearer \(server.key)", forHTTPHeaderField: "Authorization")
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
      _ = try await URLSession.shared.data(for: request)
      let refused = try await scene.run()
      #expect(refused.status == 1)
      #expect(refused.errors.contains("everybody can read the bucket"), "\(refused.errors)")
      try await scene.run(options: ["--set", "store.publicBucket=allow"]).expect()
    }
  }

  @Test func `doctor says of the store whether it is reached, and what to do`() async throws {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      try scene.directory.write("up/a.txt", "a")
      try await scene.run(options: ["--dry-run"]).expect()
      let fresh = try await scene.doctor()
      #expect(fresh.status == 0, "\(fresh.output)\(fresh.errors)")
      #expect(
        fresh.output.contains(
          "bucket b of \(server.address), files of up to 50 MiB, which the first run makes"))
      server.stop()
      let gone = try await scene.doctor()
      #expect(gone.status == 1)
      #expect(gone.output.contains("refused  store"))
      #expect(gone.output.contains("→ check store.url or SUPABASE_URL"), "\(gone.output)")
    }
  }

  @Test func `SIGTERM while an upload is under way ends with 143, and the next run goes on`()
    async throws
  {
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      for index in 0..<6 { try scene.directory.write("up/\(index).txt", "file \(index)") }
      let gate = StorageGate()
      server.inject(StorageFault("POST", "/object/b/", after: 2, times: 1, .hold(gate)))
      let ended = try await scene.run { process in
        while !gate.isReached { try await Task.sleep(for: .milliseconds(5)) }
        kill(process, SIGTERM)
      }
      gate.open()
      #expect(ended.status == 143, "\(ended.errors)")
      let report = try ended.report
      #expect(report.balanced)
      #expect(report.total.files.inserted == (try scene.rows("id").count))
      let last = try await scene.run().expect()
      #expect(last.total.files.inserted + last.total.files.unchanged == 6)
      try scene.expectInStep()
    }
  }
}
