internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct FilesVerificationTests {
  private typealias StoreKind = FilesScene.StoreKind

  /// Five pairs that are in step, and one problem of each kind that a listing shows.
  private static func fill(_ scene: FilesScene) async throws {
    for number in 1...5 {
      try await scene.addObject("s-1/\(number).txt", "content \(number)")
      try scene.addRow("s-1/\(number).txt", "content \(number)")
    }
    try scene.addRow("s-2/gone.txt", "gone")
    try await scene.addObject("a/alone.txt", "alone")
    try await scene.addObject("s-3/short.txt", "ten bytes.")
    try scene.addRow("s-3/short.txt", "eleven byte")
    try scene.addRow("../far.txt", "far")
  }

  @Test(arguments: FilesScene.StoreKind.allCases)
  func `rows and objects are compared both ways`(kind: FilesScene.StoreKind) async throws {
    try await FilesScene.with(kind) { scene in
      #expect(try await scene.problems() == [])
      try await Self.fill(scene)
      let outcome = try await scene.verify()
      #expect(
        outcome.problems.map { "\($0.path): \($0.kind.rawValue)" } == [
          "../far.txt: impossible path", "a/alone.txt: no row", "s-2/gone.txt: no object",
          "s-3/short.txt: other size",
        ])
      #expect(outcome.rows == 8)
      #expect(outcome.objects == 7)
      #expect(outcome.bytes == 5 * 9 + 5 + 10)
      #expect(outcome.objectsRead == 0)
    }
  }

  @Test(arguments: FilesScene.StoreKind.allCases)
  func `other content of the same size shows only to those who read`(
    kind: FilesScene.StoreKind
  ) async throws {
    try await FilesScene.with(kind) { scene in
      for number in 1...9 {
        try await scene.addObject("s/\(number)", "content \(number)")
        try scene.addRow("s/\(number)", "content \(number)")
      }
      try scene.damage("s/4", "contend 4")
      try scene.damage("s/7", "contend 7")
      #expect(try await scene.problems() == [])
      let outcome = try await scene.verify(percent: 100)
      #expect(outcome.problems.map(\.path) == ["s/4", "s/7"])
      #expect(outcome.problems.allSatisfy { $0.kind == .contentDiffers })
      #expect(outcome.objectsRead == 9)
      #expect(outcome.bytesRead == 81)
    }
  }

  @Test func `rows of other buckets and without a digest are left alone`() async throws {
    try await FilesScene.with(.directory) { scene in
      try scene.database.execute(
        """
        INSERT INTO files (filename, storage_path, bucket_name) VALUES ('a', 'a', 'another'), ('b', 'b', 'mcp-files')
        """)
      try await scene.addObject("b", "b")
      let outcome = try await scene.verify(percent: 100)
      #expect(outcome.problems.isEmpty)
      #expect(outcome.rows == 1)
      #expect(outcome.rowsWithoutDigest == 1)
    }
  }

  @Test func `more than a page of each side is compared`() async throws {
    try await FilesScene.with(.server) { scene in
      try scene.database.execute(
        """
        INSERT INTO files (filename, storage_path, file_size)
        SELECT 'a', 's/' || n, 0 FROM generate_series(1, 2500) n
        """)
      try await scene.addObject("s/1250", "")
      let outcome = try await scene.verify()
      #expect(outcome.rows == 2_500)
      #expect(outcome.problems.count == 2_499)
      #expect(!outcome.problems.contains { $0.path == "s/1250" })
    }
  }

  @Test func `a share of the objects is the same all day and about as large as it says`() {
    let paths = (0..<10_000).map { "session-\($0 % 40)/\($0).txt" }
    func chosen(_ percent: Double, _ day: Int) -> Set<String> {
      Set(paths.filter { ReadShare(percent: percent, day: day).includes($0) })
    }
    #expect(chosen(100, 1).count == 10_000)
    #expect(chosen(0, 1).isEmpty)
    #expect((400...600).contains(chosen(5, 1).count))
    #expect(chosen(5, 1) == chosen(5, 1))
    #expect(chosen(5, 1).intersection(chosen(5, 2)).count < 100)
  }

  @Test(arguments: [
    ("5%", 5.0), ("0.5%", 0.5), ("100%", 100), ("5", nil), ("0%", nil), ("101%", nil), ("%", nil),
    ("-5%", nil), ("nan%", nil),
  ])
  func `a share is written in percent`(text: String, expected: Double?) {
    #expect(ReadShare.percent(text) == expected)
  }

  @Test(arguments: FilesScene.StoreKind.allCases)
  func `a repair sends what is missing or damaged, and removes what has no row`(
    kind: FilesScene.StoreKind
  ) async throws {
    try await FilesScene.with(kind) { scene in
      try await Self.fill(scene)
      try scene.damage("s-1/2.txt", "contend 2")
      try scene.directory.write("more/deep/gone copy.txt", "gone")
      try scene.directory.write("more/eleven", "eleven byte")
      let repaired = try await scene.repair(percent: 100, from: ["source", "more"])
      #expect(
        repaired == [
          "../far.txt: nothing", "a/alone.txt: removed", "s-1/2.txt: uploaded",
          "s-2/gone.txt: uploaded", "s-3/short.txt: uploaded",
        ])
      #expect(try await scene.problems(percent: 100) == ["../far.txt: impossible path"])
    }
  }

  @Test func `nothing is removed that was not agreed to, and no row at all`() async throws {
    try await FilesScene.with(.directory) { scene in
      try await Self.fill(scene)
      let repaired = try await scene.repair(from: [], removing: false)
      #expect(
        repaired == [
          "../far.txt: nothing", "a/alone.txt: left",
          "s-2/gone.txt: no file with its content found",
          "s-3/short.txt: no file with its content found",
        ])
      #expect(try await scene.problems().count == 4)
      #expect(try scene.database.query("SELECT count(*) FROM files") == [["8"]])
    }
  }

  @Test func `an object whose row came meanwhile stays`() async throws {
    try await FilesScene.with(.directory) { scene in
      try await scene.addObject("s/late.txt", "late")
      try await scene.addObject("s/alone.txt", "alone")
      var problems = try await scene.verify().problems
      try scene.addRow("s/late.txt", "late")
      try await FilesRepair(
        scene.store, bucket: FilesScene.bucket, target: scene.target, sources: [], workers: 1,
        cache: nil, stop: StopSignal()
      ).run(&problems) { count, bytes in
        #expect((count, bytes) == (2, 9))
        return true
      }
      #expect(problems.map(\.repair) == [.removed, .settled])
      #expect(try await scene.problems() == [])
    }
  }

  @Test func `nothing is removed while a run is under way`() async throws {
    try await FilesScene.with(.directory) { scene in
      try await scene.addObject("s/alone.txt", "alone")
      let lock = try RunLock(scene.database.target, pipeline: "uploads")
      await #expect {
        try await scene.repair()
      } throws: {
        ($0 as? RunError)?.kind == .locked
      }
      try lock.release()
      #expect(try await scene.repair() == ["s/alone.txt: removed"])
    }
  }
}
