/// The password of a URL: what stands between `:` and `@` in `scheme://user:password@host` (RFC 3986).
enum URLPasswordForm {
  private static let longestBytes = 512

  /// The password that the `@` at `anchor` ends.
  static func secret(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Secret? {
    // A host follows.
    guard anchor + 1 < range.upperBound,
      bytes[anchor + 1].isASCIIWord || bytes[anchor + 1] == UInt8(ascii: "[")
    else { return nil }
    var at = anchor - 1
    var colon: Int?
    while at > range.lowerBound, at > anchor - longestBytes {
      switch bytes[at] {
      case UInt8(ascii: ":"):
        if bytes.reads("://", at: at, within: range) {
          guard let colon, at > range.lowerBound, bytes[at - 1].isASCIIWord else { return nil }
          return password(colon + 1..<anchor, bytes)
        }
        colon = at
      case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"),
        UInt8(ascii: "`"), UInt8(ascii: "\\"):
        return nil
      case UInt8(ascii: "/"):
        // Those of `://` are passed on the way to its colon.
        guard at > range.lowerBound,
          bytes[at - 1] == UInt8(ascii: "/") || bytes[at - 1] == UInt8(ascii: ":")
        else { return nil }
      default: break
      }
      at -= 1
    }
    return nil
  }

  /// The password, unless it only says that there is to be one.
  private static func password(_ range: Range<Int>, _ bytes: borrowing Span<UInt8>) -> Secret? {
    guard !range.isEmpty else { return nil }
    switch bytes[range.lowerBound] {
    case UInt8(ascii: "$"), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "*"):
      return nil
    default: break
    }
    for word in ["password", "PASSWORD", "pass", "PASS", "xxx", "%s"] as [StaticString]
    where range.count == word.utf8CodeUnitCount
      && bytes.reads(word, at: range.lowerBound, within: range)
    {
      return nil
    }
    return Secret(kind: .urlPassword, range: range)
  }
}
