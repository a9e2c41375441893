internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct HashCacheRunTests {
  /// Whether each file's digest came from the cache, by the objects of `--json`.
  private func cached(_ scene: HashScene, _ options: String...) async throws -> [Bool] {
    let ended = try await ConvoyProcess.run(
      ["hash", "--json", "t"] + options, environment: scene.environment,
      directory: scene.directory.path)
    #expect(ended.status == 0, "\(ended.errors)")
    return ended.output.split(separator: "\n").map { $0.contains(#""isCached": true"#) }
  }

  @Test func `a second run knows what the first has read, until it changes`() async throws {
    try await HashScene.with { scene in
      for name in ["t/a", "t/b", "t/c"] { try scene.directory.write(name, name) }
      // Files are kept when they have been left alone for two seconds.
      try await Task.sleep(for: .milliseconds(2_100))
      #expect(try await cached(scene) == [false, false, false])
      #expect(try await cached(scene) == [true, true, true])
      #expect(try await cached(scene, "--no-cache") == [false, false, false])
      // As long as before, and with the old time of modification: the time of change tells.
      let path = "\(scene.directory.path)/t/b"
      let old = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.write(contentsOf: Data("T".utf8))
      try handle.close()
      try FileManager.default.setAttributes(
        [.modificationDate: try #require(old)], ofItemAtPath: path)
      #expect(try await cached(scene) == [true, false, true])
      let check = try await scene.bash(
        "convoy hash t > found; sha256sum t/a t/b t/c | cmp - found")
      #expect(check.status == 0, "\(check.errors)")
      // A cache of noise is replaced.
      try scene.directory.write(".home/hash-cache", "noise")
      try await Task.sleep(for: .milliseconds(2_100))
      #expect(try await cached(scene) == [false, false, false])
      #expect(try await cached(scene) == [true, true, true])
    }
  }

  @Test func `a state directory that cannot be written costs the cache and nothing else`()
    async throws
  {
    try await HashScene.with { scene in
      try scene.directory.write("t/a", "abc")
      try scene.directory.write("taken", "a file")
      try await Task.sleep(for: .milliseconds(2_100))
      let ended = try await ConvoyProcess.run(
        ["hash", "t"], environment: ["CONVOY_HOME": "\(scene.directory.path)/taken/home"],
        directory: scene.directory.path)
      #expect(ended.status == 0)
      #expect(ended.output.hasSuffix("  t/a\n"))
      #expect(ended.errors.hasPrefix("convoy hash: digests are not kept: "))
    }
  }

  @Test func `runs at the same time on one cache all end well`() async throws {
    try await HashScene.with { scene in
      for number in 0..<200 { try scene.directory.write("t/\(number)", "\(number)") }
      let ended = try await scene.bash(
        """
        find t -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum > expected
        sleep 2.1
        for number in 1 2 3 4 5 6; do convoy hash t > found.$number & done
        wait
        for number in 1 2 3 4 5 6; do cmp expected found.$number; done
        convoy hash t --json | grep -c '"isCached": true'
        """)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.output == "200\n")
    }
  }
}
