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
    // The same bytes inflate to the same rows: hashing those too would only cost four times as much.
    if let digest = member.packedSHA256 {
      guard ContentDigest(of: packed.span) == digest else { return nil }
    }
    // Nothing else can fail than to get 11 KiB of memory, and then the member is as good as unreadable.
    guard var inflater = try? MemberInflater(),
      let rows = inflater.inflated(packed.span, count: member.rawBytes)
    else { return nil }
    return member.packedSHA256 != nil || ContentDigest(of: rows.span) == member.rawSHA256
      ? rows : nil
  }

  /// Whether the header is the one every member is written with; inflating does not look at most of it.
  private static func hasPlainHeader(_ packed: [UInt8]) -> Bool {
    let expected: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]
    // Then a byte for the level, 0, 2 or 4, and one for Unix.
    return packed.count > GzipCompressor.headerBytes && packed.starts(with: expected)
      && [0, 2, 4].contains(packed[8]) && packed[9] == 3
  }
}
