internal import Crypto
internal import Foundation
internal import ObjectStore

/// What is uploaded: files of random bytes, and a list of them with their digests and sums.
struct UploadFiles {
  let directory: URL
  let count: Int
  let bytes: Int

  /// One file, as the list has it.
  struct File {
    let path: String
    let name: String
    let sha256: String
    let sum: UInt64
  }

  init(_ directory: URL, count: Int, bytes: Int) {
    self.directory = directory.appending(path: "files-\(bytes)")
    self.count = count
    self.bytes = bytes
  }

  /// Writes them, over those of another run.
  func make() throws -> [File] {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let block = Self.block()
    return try (0..<count).map { number in
      let file = directory.appending(path: "\(number).bin")
      try Data().write(to: file)
      let handle = try FileHandle(forWritingTo: file)
      var (hash, sum, left) = (SHA256(), ContentSum(), bytes)
      // No two files are the same, and no server or file system compresses them. Piece by piece: what this
      // process holds would count as the memory of those that it starts.
      var piece = Data("\(number)\n".utf8)
      while left > 0 {
        piece = piece.prefix(left)
        try handle.write(contentsOf: piece)
        hash.update(data: piece)
        sum.update(piece.span)
        left -= piece.count
        piece = block
      }
      try handle.close()
      let digest = hash.finalize().map { String(format: "%02x", $0) }.joined()
      return File(path: file.path, name: "\(number).bin", sha256: digest, sum: sum.value)
    }
  }

  /// A MiB of random bytes.
  private static func block() -> Data {
    var random = SplitMix64(seed: 3)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 << 20)
    while bytes.count < 1 << 20 {
      let word = random.next()
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return Data(bytes)
  }
}
