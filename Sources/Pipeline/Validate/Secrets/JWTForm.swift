/// A signed token: header, claims and signature in base64url, joined by dots (RFC 7519).
///
/// Header and claims are JSON objects, whose `{"` is `eyJ` in base64url.
enum JWTForm {
  /// The token whose header's `eyJ` ends at `anchor`.
  static func secret(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Secret? {
    let start = anchor - 2
    guard bytes.reads("eyJ", at: start, within: range), bytes.isWordStart(start, within: range),
      let header = part(from: start, bytes, range),
      bytes.reads("eyJ", at: header + 1, within: range),
      let claims = part(from: header + 1, bytes, range)
    else { return nil }
    var end = claims + 1
    while end < range.upperBound, bytes[end].isKeyCharacter { end += 1 }
    guard end - claims > 10 else { return nil }
    return Secret(kind: .jwt, range: start..<end)
  }

  /// The dot behind a part that begins at an offset.
  private static func part(
    from start: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Int? {
    var end = start
    while end < range.upperBound, bytes[end].isKeyCharacter { end += 1 }
    guard end - start >= 10, end < range.upperBound, bytes[end] == UInt8(ascii: ".") else {
      return nil
    }
    return end
  }
}
