internal import Archive
internal import Foundation
internal import ObjectStore
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Bytes of which no two blocks are the same.
func unevenBytes(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 7, count: count)
  for index in stride(from: 0, to: count, by: 4_099) {
    bytes[index] = UInt8(truncatingIfNeeded: index >> 4)
  }
  return bytes
}

@Suite struct FileHasherTests {
  private static let longBytes = FileHasher.longBytes

  private func hasher(_ cache: HashCache? = nil, stop: StopSignal = StopSignal()) -> FileHasher {
    FileHasher(number: 0, withChunks: false, cache: cache?.reader(), stop: stop)
  }

  private func task(_ path: String, _ action: HashTask.Action = .readFound) -> HashTask {
    HashTask(path: RawPath(path), action: action, expected: nil)
  }

  private func digest(_ outcome: HashResult.Outcome?) throws -> FileDigest {
    guard case .hashed(let content) = outcome else { throw TestFailure("\(outcome as Any)") }
    return content.digest
  }

  /// A file last written an hour ago.
  private func write(
    _ name: String, _ bytes: [UInt8], in directory: TemporaryDirectory
  ) throws -> String {
    let path = try directory.write(name, bytes)
    try FileManager.default.setAttributes(
      [.modificationDate: Date.now.addingTimeInterval(-3_600)], ofItemAtPath: path)
    return path
  }

  @Test(arguments: [
    0, 1, 55, 56, 63, 64, 65, 262_143, 262_144, 262_145, longBytes - 1, longBytes, longBytes + 1,
    9 << 20,
  ])
  func `files of every length have the digest of their bytes`(byteCount: Int) async throws {
    try await TemporaryDirectory.with { directory in
      let bytes = unevenBytes(byteCount)
      let path = try directory.write("file", bytes)
      for isReadAhead in [false, true] {
        var hasher = hasher()
        let outcome = hasher.outcome(of: task(path)) { isReadAhead }
        #expect(try digest(outcome) == FileDigest.of(bytes))
        #expect(hasher.bytesRead == byteCount)
      }
    }
  }

  @Test(arguments: [0, 65, 262_145, longBytes + 1])
  func `files have the sum of their bytes too where that is wanted`(byteCount: Int) async throws {
    try await TemporaryDirectory.with { directory in
      let bytes = unevenBytes(byteCount)
      let path = try directory.write("file", bytes)
      var expected = ContentSum()
      expected.update(bytes.span)
      for (isReadAhead, withSum) in [(false, true), (true, true), (true, false)] {
        var hasher = FileHasher(
          number: 0, withChunks: false, withSum: withSum, cache: nil, stop: StopSignal())
        let outcome = hasher.outcome(of: task(path)) { isReadAhead }
        guard case .hashed(let content) = outcome else { throw TestFailure("\(outcome as Any)") }
        #expect(content.digest == FileDigest.of(bytes))
        #expect(content.sum == (withSum ? expected.value : nil))
      }
    }
  }

  /// What another program does between the opening of a file and the end of its reading.
  enum Meddling: CaseIterable {
    case append, truncate, overwrite, touch, remove
  }

  @Test(arguments: Meddling.allCases, [false, true])
  func `a file that changes while it is read has no digest`(
    meddling: Meddling, isReadAhead: Bool
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let path = try write(
        "file", [UInt8](repeating: 1, count: Self.longBytes + 10), in: directory)
      var hasher = hasher(try cache(in: directory))
      let outcome = hasher.outcome(of: task(path)) {
        // The file is open, and its state is noted.
        #expect(throws: Never.self) { try Self.meddle(meddling, path) }
        return isReadAhead
      }
      guard case .changed = outcome else { throw TestFailure("\(outcome as Any)") }
      #expect(hasher.takeRecords() == [])
    }
  }

  private static func meddle(_ meddling: Meddling, _ path: String) throws {
    switch meddling {
    case .touch:
      try FileManager.default.setAttributes([.modificationDate: Date.now], ofItemAtPath: path)
    case .remove:
      // Its name is a part of a file's state too: the time of change tells of it.
      usleep(20_000)
      try FileManager.default.removeItem(atPath: path)
    case .append, .truncate, .overwrite:
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      switch meddling {
      case .append: try handle.seekToEnd()
      case .truncate: try handle.truncate(atOffset: 100)
      default: try handle.seek(toOffset: 1_000)
      }
      if meddling != .truncate { try handle.write(contentsOf: Data([2])) }
      try handle.close()
    }
  }

  @Test func `a file is left to nobody else where it takes but a moment`() async throws {
    try await TemporaryDirectory.with { directory in
      let short = try directory.write("short", [UInt8](repeating: 1, count: Self.longBytes - 1))
      let long = try directory.write("long", [UInt8](repeating: 1, count: Self.longBytes))
      var hasher = hasher()
      var told: [String] = []
      for path in [short, long] {
        _ = hasher.outcome(of: task(path)) {
          told.append(path)
          return false
        }
      }
      #expect(told == [long])
    }
  }

  private func cache(in directory: TemporaryDirectory) throws -> HashCache {
    HashCache(in: try StateDirectory(environment: ["CONVOY_HOME": "\(directory.path)/home"]))
  }

  @Test func `a file that is known is not read, whatever the cache says it holds`() async throws {
    try await TemporaryDirectory.with { directory in
      let path = try directory.write("file", "content")
      let state = try InputFile(path: path).openedState
      let invented = FileDigest.of("something else".utf8)
      let cache = try cache(in: directory)
      try await cache.add([HashRecord(state: state, part: 0, digest: invented)])
      try await cache.write()
      var hasher = hasher(try self.cache(in: directory))
      #expect(try digest(hasher.outcome(of: task(path)) { false }) == invented)
      #expect(hasher.bytesRead == 0)
      var uncached = self.hasher()
      #expect(
        try digest(uncached.outcome(of: task(path)) { false }) == FileDigest.of("content".utf8))
      // One byte more is another state.
      try directory.write("file", "content!")
      #expect(
        try digest(hasher.outcome(of: task(path)) { false }) == FileDigest.of("content!".utf8))
    }
  }

  @Test func `a file written a moment ago is not kept, as the next write might leave its times`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let path = try directory.write("file", "content")
      var hasher = hasher(try cache(in: directory))
      _ = hasher.outcome(of: task(path)) { false }
      #expect(hasher.takeRecords() == [])
    }
  }

  @Test func `a file that has settled is kept`() async throws {
    var hasher = hasher(
      HashCache(in: try StateDirectory(environment: ["CONVOY_HOME": "/nonexistent"])))
    // Written when the system was made, and nothing of the test's own.
    let path = "/etc/passwd"
    let state = try InputFile(path: path).openedState
    let digest = try digest(hasher.outcome(of: task(path)) { false })
    #expect(hasher.takeRecords() == [HashRecord(state: state, part: 0, digest: digest)])
    #expect(hasher.takeRecords() == [])
  }

  @Test func `what vanished, what is a link and what cannot be read is told by its code`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      try directory.write("file", "content")
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory.path)/link", withDestinationPath: "file")
      var hasher = hasher()
      let cases: [(String, HashTask.Action, Int32?)] = [
        ("\(directory.path)/gone", .readFound, ENOENT),
        ("\(directory.path)/link", .readFound, ELOOP),
        ("\(directory.path)/link", .readNamed, nil), (directory.path, .readNamed, EISDIR),
        ("/proc/self/mem", .readFound, EIO),
      ]
      for (path, action, code) in cases {
        let outcome = hasher.outcome(of: task(path, action)) { false }
        switch outcome {
        case .unreadable(let error): #expect(error.errno == code, "\(path)")
        case .hashed: #expect(code == nil, "\(path)")
        default: Issue.record("\(path): \(outcome as Any)")
        }
      }
    }
  }

  @Test func `a file that the system makes up as it is read is read to its end`() throws {
    var hasher = hasher()
    let outcome = hasher.outcome(of: task("/proc/version")) { false }
    let bytes = try #require(FileManager.default.contents(atPath: "/proc/version"))
    #expect(try digest(outcome) == FileDigest.of(bytes))
  }

  @Test(arguments: [false, true]) func `a request to stop ends a long file`(
    isReadAhead: Bool
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let path = try directory.write("file", [])
      // Eight terabytes would take hours.
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 1 << 43)
      let stop = StopSignal()
      var hasher = hasher(stop: stop)
      let outcome = hasher.outcome(of: task(path)) {
        stop.request(SIGINT)
        return isReadAhead
      }
      #expect(outcome == nil)
    }
  }
}
