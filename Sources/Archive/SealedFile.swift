internal import Crypto
internal import FoundationEssentials

/// A file without a name whose bytes nobody can read but this process: each piece is sealed by AES-256-GCM under
/// a key that is in memory only.
///
/// For what has to wait on a disk on which it must not stand in clear.
public struct SealedFile: ~Copyable, Sendable {
  /// Bytes appended so far.
  public private(set) var size = 0
  private var file: ScratchFile
  private var pieces: [Range<Int>] = []
  private let key = SymmetricKey(size: .bits256)
  private let place: String

  /// Makes an empty file.
  ///
  /// - Parameter directory: must exist; its file system takes the bytes.
  /// - Throws: ``FileError``.
  public init(in directory: String) throws(FileError) {
    file = try ScratchFile(in: directory)
    place = directory
  }

  /// Appends a piece, which is read back as one.
  ///
  /// - Throws: ``FileError``.
  public mutating func append(_ bytes: Span<UInt8>) throws(FileError) {
    let piece = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    // Without a nonce of the caller's there is always a combined form, and nothing that could fail.
    guard let sealed = try? AES.GCM.seal(piece, using: key).combined else {
      throw FileError(.write, path: place, errno: 5)
    }
    let start = file.size
    try file.append(Array(sealed).span)
    pieces.append(start..<file.size)
    size += bytes.count
  }

  /// Pieces there are.
  public var pieceCount: Int { pieces.count }

  /// A piece as it was appended.
  ///
  /// - Throws: ``FileError``, also for bytes that the disk did not keep.
  public func piece(_ index: Int) throws(FileError) -> [UInt8] {
    let range = pieces[index]
    let bytes = try file.bytes(at: range.lowerBound, count: range.count)
    do {
      return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: bytes), using: key))
    } catch {
      throw FileError(.read, path: place, errno: 5)
    }
  }
}
