internal import Archive
internal import Crypto

/// One digest in the cache: of a file in one state, or of one 8 MiB chunk of it.
///
/// On disk 88 bytes: eleven numbers of 64 bits, big-endian, of which four are the digest and the last is the
/// beginning of SHA-256 over the ten before it.
struct HashRecord: Sendable, Equatable {
  static let byteCount = 88

  /// What records are sorted by.
  struct Key: Sendable, Hashable, Comparable {
    static let byteCount = 24

    var device: UInt64
    var inode: UInt64
    /// 0 for the whole file, n for its nth chunk.
    var part: UInt64

    static func < (left: Key, right: Key) -> Bool {
      (left.device, left.inode, left.part) < (right.device, right.inode, right.part)
    }
  }

  let state: FileState
  let part: UInt64
  let digest: FileDigest

  var key: Key { Key(device: state.device, inode: state.inode, part: part) }

  init(state: FileState, part: UInt64, digest: FileDigest) {
    self.state = state
    self.part = part
    self.digest = digest
  }

  /// Reads a record; nil if it is not what was once written.
  init?(_ bytes: ArraySlice<UInt8>) {
    let body = bytes.prefix(Self.byteCount - 8)
    guard bytes.count == Self.byteCount, let digest = FileDigest(body.suffix(32)),
      BigEndian.number(in: bytes, at: 80) == FileDigest.of(body).leadingWord
    else { return nil }
    state = FileState(
      device: BigEndian.number(in: bytes, at: 0), inode: BigEndian.number(in: bytes, at: 8),
      size: Int(truncatingIfNeeded: BigEndian.number(in: bytes, at: 24)),
      modificationTimeNanoseconds: Int64(bitPattern: BigEndian.number(in: bytes, at: 32)),
      changeTimeNanoseconds: Int64(bitPattern: BigEndian.number(in: bytes, at: 40)))
    part = BigEndian.number(in: bytes, at: 16)
    self.digest = digest
  }

  func append(to out: inout [UInt8]) {
    let start = out.count
    key.append(to: &out)
    BigEndian.append(UInt64(truncatingIfNeeded: state.size), to: &out)
    BigEndian.append(UInt64(bitPattern: state.modificationTimeNanoseconds), to: &out)
    BigEndian.append(UInt64(bitPattern: state.changeTimeNanoseconds), to: &out)
    digest.appendBytes(to: &out)
    BigEndian.append(FileDigest.of(out[start...]).leadingWord, to: &out)
  }
}

extension HashRecord.Key {
  /// Reads the key at the beginning of `bytes`, of which there must be enough.
  init(_ bytes: ArraySlice<UInt8>) {
    device = BigEndian.number(in: bytes, at: 0)
    inode = BigEndian.number(in: bytes, at: 8)
    part = BigEndian.number(in: bytes, at: 16)
  }

  func append(to out: inout [UInt8]) {
    BigEndian.append(device, to: &out)
    BigEndian.append(inode, to: &out)
    BigEndian.append(part, to: &out)
  }
}

/// Numbers of 64 bits, the most significant byte first.
enum BigEndian {
  static func append(_ value: UInt64, to out: inout [UInt8]) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      out.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// The number `offset` bytes behind the beginning of the slice.
  static func number(in bytes: ArraySlice<UInt8>, at offset: Int) -> UInt64 {
    let start = bytes.startIndex + offset
    return bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
