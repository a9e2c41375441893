internal import Crypto
internal import Foundation

/// What is uploaded: files of random bytes, and a list of them with their digests.
struct UploadFiles {
  let directory: URL
  let count: Int
  let bytes: Int

  /// One file, as the list has it.
  struct File {
    let path: String
    let name: String
    let sha256: String
  }

  init(_ directory: URL, count: Int, bytes: Int) {
    self.directory = directory.appending(path: "files-\(bytes)")
    self.count = count
    self.bytes = bytes
  }

  /// Makes those that are not there yet.
  func make() throws -> [File] {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var random = SplitMix64(seed: UInt64(bytes))
    return try (0..<count).map { number in
      let file = directory.appending(path: "\(number).bin")
      var data = Data(capacity: bytes)
      while data.count < bytes {
        let word = random.next()
        for shift in stride(from: 0, to: 64, by: 8) {
          data.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
        }
      }
      data = data.prefix(bytes)
      if (try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) != bytes {
        try data.write(to: file)
      }
      let digest = SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
      return File(path: file.path, name: "\(number).bin", sha256: digest)
    }
  }
}
