/// A private key in PEM (RFC 7468), whole or cut short.
enum PrivateKeyForm {
  /// Characters without which there is a heading and no key.
  private static let leastBytes = 40
  private static let headingBytes = 64

  /// The key whose heading's five dashes begin at `anchor`.
  static func secret(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Secret? {
    // The sixth byte tells a heading from a line of dashes at once.
    guard anchor + 6 < range.upperBound, bytes[anchor + 5] == UInt8(ascii: "B"),
      bytes.reads("-----BEGIN ", at: anchor, within: range),
      let body = bodyStart(anchor + 11, bytes, range)
    else { return nil }
    var end = body
    while end < range.upperBound, isBody(bytes, end) {
      if bytes[end] == UInt8(ascii: "-"), bytes.reads("-----END ", at: end, within: range) {
        return whole(anchor, end, bytes, range)
      }
      end += 1
    }
    return end - body >= leastBytes ? Secret(kind: .privateKey, range: anchor..<end) : nil
  }

  /// Where the heading ends, if it is a private key's.
  private static func bodyStart(
    _ start: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Int? {
    var at = start
    while at < min(start + headingBytes, range.upperBound) {
      if bytes.reads("PRIVATE KEY-----", at: at, within: range) { return at + 16 }
      guard bytes[at] == UInt8(ascii: " ") || bytes[at].isASCIIWord else { return nil }
      at += 1
    }
    return nil
  }

  private static func whole(
    _ start: Int, _ end: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Secret? {
    var at = end + 9
    while at < min(end + 9 + headingBytes, range.upperBound) {
      if bytes.reads("-----", at: at, within: range) {
        return Secret(kind: .privateKey, range: start..<at + 5)
      }
      at += 1
    }
    return Secret(kind: .privateKey, range: start..<end)
  }

  /// Base64, line ends as they are or escaped, and the fields of an encrypted key's head.
  private static func isBody(_ bytes: borrowing Span<UInt8>, _ at: Int) -> Bool {
    switch bytes[at] {
    case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "\\"), 0x0A, 0x0D,
      UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: ","):
      true
    case UInt8(ascii: " "): bytes[at - 1] == UInt8(ascii: ":")
    case let byte: byte.isASCIIWord
    }
  }
}
