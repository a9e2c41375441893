/// Gzip data is damaged; where, in bytes of the compressed input.
public struct GzipError: Error, Sendable, Hashable {
  /// How it is damaged.
  public enum Reason: Sendable {
    /// The input ended inside a member.
    case truncated
    /// A header or a compressed block breaks the format.
    case corrupt
    /// A member's data does not match the checksum or length stored behind it.
    case checksum
    /// Bytes after the last member are neither a member nor zero padding.
    case trailingGarbage
    /// zlib could not allocate its window; the data may be sound.
    case outOfMemory
  }

  /// How the data is damaged.
  public let reason: Reason
  /// Where the member begins that is damaged, or where the garbage begins.
  public let memberOffset: Int
  /// How many bytes were taken from the input when the damage showed.
  public let byteOffset: Int

  /// Makes an error.
  public init(reason: Reason, memberOffset: Int, byteOffset: Int) {
    self.reason = reason
    self.memberOffset = memberOffset
    self.byteOffset = byteOffset
  }
}

extension GzipError: CustomStringConvertible {
  /// What is damaged and where, without the path.
  public var description: String {
    let member = "gzip member at byte \(memberOffset)"
    return switch reason {
    case .truncated: "\(member) is cut off at byte \(byteOffset)"
    case .corrupt: "\(member) is corrupt near byte \(byteOffset)"
    case .checksum: "\(member) does not match its checksum"
    case .trailingGarbage:
      "bytes that are not gzip follow the last member, from byte \(memberOffset)"
    case .outOfMemory: "not enough memory to inflate the \(member)"
    }
  }
}
