internal import Foundation

/// A file written in pieces of about one mebibyte, whatever its size.
struct BufferedFile {
  private let handle: FileHandle
  private var pending: [UInt8] = []
  private(set) var byteCount = 0

  init(replacing url: URL) throws {
    try Data().write(to: url)
    handle = try FileHandle(forWritingTo: url)
    pending.reserveCapacity(Self.pieceBytes * 2)
  }

  mutating func write(_ line: [UInt8]) throws {
    pending.append(contentsOf: line)
    if pending.count >= Self.pieceBytes { try flush() }
  }

  /// Writes what is left and closes; the file must not be used afterwards.
  mutating func close() throws {
    try flush()
    try handle.close()
  }

  private mutating func flush() throws {
    try handle.write(contentsOf: pending)
    byteCount += pending.count
    pending.removeAll(keepingCapacity: true)
  }

  private static let pieceBytes = 1 << 20
}
