/// Reads the gzip members of one part, each by itself.
public struct MemberReader: ~Copyable, Sendable {
  private let file: InputFile
  private let part: ArchivedPart

  /// Opens a part.
  /// - Parameters:
  ///   - part: says where its members are.
  ///   - path: its file.
  /// - Throws: ``FileError``.
  public init(_ part: ArchivedPart, at path: String) throws(FileError) {
    file = try InputFile(path: path)
    self.part = part
  }

  /// Size of the file.
  public var size: Int { file.size ?? 0 }

  /// The bytes of a member as they are in the file.
  /// - Parameters:
  ///   - index: which.
  ///   - offset: where it begins: the sum of the lengths of those before it.
  /// - Returns: fewer bytes than the manifest says where the file is cut off.
  /// - Throws: ``FileError``.
  public func packedBytes(_ index: Int, at offset: Int) throws(FileError) -> [UInt8] {
    try file.bytes(at: offset, upTo: part.members[index].packedBytes)
  }

  /// Inflates one member and compares it with what the manifest says of it.
  /// - Parameters:
  ///   - packed: its bytes.
  ///   - member: what it should be.
  /// - Returns: its rows; nil when anything about it is not as it was written.
  public static func rows(_ packed: [UInt8], of member: ArchivedMember) -> [UInt8]? {
    guard packed.count == member.packedBytes, hasPlainHeader(packed) else { return nil }
    var rows: [UInt8] = []
    do throws(GzipError) {
      var inflater = try GzipDecompressor()
      rows.reserveCapacity(member.rawBytes)
      var consumed = 0
      while true {
        let room = member.rawBytes + 1 - rows.count
        guard room > 0 else { return nil }
        let taken = try inflater.inflate(
          packed.span.extracting(consumed...), into: &rows, upTo: room)
        consumed += taken
        if taken == 0 { break }
      }
      try inflater.finish()
      guard inflater.memberOffset == packed.count else { return nil }
    } catch {
      return nil
    }
    guard rows.count == member.rawBytes, ContentDigest(of: rows.span) == member.rawSHA256 else {
      return nil
    }
    return rows
  }

  /// Whether the header is the one every member is written with; inflating does not look at most of it.
  private static func hasPlainHeader(_ packed: [UInt8]) -> Bool {
    let expected: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]
    // Then a byte for the level, 0, 2 or 4, and one for Unix.
    return packed.count > GzipCompressor.headerBytes && packed.starts(with: expected)
      && [0, 2, 4].contains(packed[8]) && packed[9] == 3
  }
}
