internal import Foundation

/// Makes what is hashed, of bytes that no file system compresses; what is there already is used again.
struct HashFiles {
  let directory: URL
  let megabytes: Int
  let files: Int

  private static let smallBytes = 1_024
  /// Small files of the tree, of 1 to 64 KiB.
  private static let treeFiles = 2_000

  /// Each job with its path, and its bytes.
  func make() throws -> [(job: HashJob, bytes: Int)] {
    let large = directory.appending(path: "large-\(megabytes)")
    try makeUnlessKept(large) { try writeLarge(to: $0) }
    let tree = directory.appending(path: "tree-\(megabytes)")
    try makeUnlessKept(tree) { unfinished in
      try writeLarge(to: unfinished.appending(path: "m-large"))
      try write(Self.treeFiles, below: unfinished) { 1_024 + $0 % 64 * 1_024 }
    }
    let small = directory.appending(path: "small-\(files)")
    try makeUnlessKept(small) { try write(files, below: $0) { _ in Self.smallBytes } }
    let treeBytes = (0..<Self.treeFiles).reduce(0) { $0 + 1_024 + $1 % 64 * 1_024 }
    return [
      (HashJob(kind: .file, path: large.path), megabytes * 1_000_000),
      (HashJob(kind: .tree, path: tree.path), megabytes * 1_000_000 + treeBytes),
      (HashJob(kind: .small, path: small.path), files * Self.smallBytes),
    ]
  }

  /// What is not made to its end is not taken for made.
  private func makeUnlessKept(_ made: URL, _ body: (URL) throws -> Void) throws {
    guard !FileManager.default.fileExists(atPath: made.path) else { return }
    let unfinished = directory.appending(path: "unfinished")
    if FileManager.default.fileExists(atPath: unfinished.path) {
      try FileManager.default.removeItem(at: unfinished)
    }
    try body(unfinished)
    try FileManager.default.moveItem(at: unfinished, to: made)
  }

  private func writeLarge(to file: URL) throws {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    var random = SplitMix64(seed: 1)
    for _ in 0..<megabytes { try handle.write(contentsOf: Self.bytes(1_000_000, &random)) }
    try handle.close()
  }

  private func write(
    _ count: Int, below root: URL, _ byteCount: (Int) -> Int
  ) throws {
    var random = SplitMix64(seed: 2)
    for number in 0..<count {
      let directory = root.appending(path: "\(number / 1_000)")
      if number % 1_000 == 0 {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      }
      try Self.bytes(byteCount(number), &random)
        .write(to: directory.appending(path: "file-\(number)"))
    }
  }

  private static func bytes(_ count: Int, _ random: inout SplitMix64) -> Data {
    var data = Data(capacity: count + 8)
    while data.count < count {
      let word = random.next()
      for shift in stride(from: 0, to: 64, by: 8) {
        data.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return data.prefix(count)
  }
}
