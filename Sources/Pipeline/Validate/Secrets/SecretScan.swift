/// A secret in a text.
struct Secret: Equatable {
  var kind: SecretKind
  /// What has to go for it to be no secret any more.
  var range: Range<Int>
}

/// Finds secrets in text as it is, or as it stands in JSON between quotes.
///
/// A secret that is written with `\u` escapes is not found.
enum SecretScan {
  /// The secrets of a range, in order and apart.
  static func secrets(in bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> [Secret] {
    var found: [Secret] = []
    let first = max(range.lowerBound, SecretAnchors.bytesBefore)
    let end = min(range.upperBound, bytes.count - SecretAnchors.bytesBehind)
    guard first < end else {
      lookAtEach(range, in: bytes, range, &found)
      return found
    }
    lookAtEach(range.lowerBound..<first, in: bytes, range, &found)
    var at = first
    while let anchor = SecretAnchors.first(bytes, in: at..<end) {
      look(at: anchor, in: bytes, range, &found)
      at = anchor + 1
    }
    lookAtEach(end..<range.upperBound, in: bytes, range, &found)
    return found
  }

  private static func lookAtEach(
    _ places: Range<Int>, in bytes: borrowing Span<UInt8>, _ range: Range<Int>,
    _ found: inout [Secret]
  ) {
    for place in places where SecretAnchors.isAnchor(bytes[place]) {
      look(at: place, in: bytes, range, &found)
    }
  }

  private static func look(
    at anchor: Int, in bytes: borrowing Span<UInt8>, _ range: Range<Int>, _ found: inout [Secret]
  ) {
    guard anchor >= range.lowerBound + 1 else {
      // Only a private key begins with its anchor.
      if bytes[anchor] == UInt8(ascii: "-"),
        let key = PrivateKeyForm.secret(at: anchor, bytes, range)
      {
        found.append(key)
      }
      return
    }
    guard let secret = secret(at: anchor, bytes, range) else { return }
    // Further anchors inside it are its own.
    if let last = found.last, secret.range.lowerBound < last.range.upperBound { return }
    found.append(secret)
  }

  private static func secret(
    at anchor: Int, _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Secret? {
    switch bytes[anchor] {
    case UInt8(ascii: "@"): URLPasswordForm.secret(at: anchor, bytes, range)
    case UInt8(ascii: "J"): JWTForm.secret(at: anchor, bytes, range)
    case UInt8(ascii: "-"):
      PrivateKeyForm.secret(at: anchor, bytes, range)
        ?? VendorKeyForm.dashed(at: anchor, bytes, range)?.secret(bytes, range)
    case UInt8(ascii: "_"): VendorKeyForm.underlined(at: anchor, bytes, range)?.secret(bytes, range)
    default: VendorKeyForm.capital(at: anchor, bytes, range)?.secret(bytes, range)
    }
  }

  /// Replaces secrets of some kinds by `[redacted:<kind>]`; nil where there are none.
  static func redacted(_ text: [UInt8], _ kinds: Set<SecretKind>) -> [UInt8]? {
    let found = secrets(in: text.span, 0..<text.count).filter { kinds.contains($0.kind) }
    guard !found.isEmpty else { return nil }
    var out: [UInt8] = []
    var at = 0
    for secret in found {
      out.append(at..<secret.range.lowerBound, of: text)
      out.append(contentsOf: "[redacted:\(secret.kind.rawValue)]".utf8)
      at = secret.range.upperBound
    }
    out.append(at..<text.count, of: text)
    return out
  }
}

extension Span<UInt8> {
  /// Whether no word goes on before an offset; the letter of an escape such as `\n` is none.
  func isWordStart(_ start: Int, within range: Range<Int>) -> Bool {
    guard start > range.lowerBound, self[start - 1].isKeyCharacter else { return true }
    return start - 1 > range.lowerBound && self[start - 2] == UInt8(ascii: "\\")
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { self &- UInt8(ascii: "0") < 10 }

  /// A letter or digit of ASCII.
  var isASCIIWord: Bool { isASCIIDigit || (self | 0x20) &- UInt8(ascii: "a") < 26 }

  /// What keys are made of.
  var isKeyCharacter: Bool { isASCIIWord || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") }
}
