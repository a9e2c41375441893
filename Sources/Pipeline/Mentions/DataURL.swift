/// A file that stands in a message itself: `data:image/png;base64,…` (RFC 2397).
struct DataURL {
  /// Why there are no bytes to be had.
  enum Refusal: Error, Hashable, Sendable {
    /// No comma, or base64 that is none.
    case malformed
    /// More bytes than are taken.
    case tooLarge(byteCount: Int)
  }

  /// As it is written, in small letters and without parameters; `text/plain` where it says none.
  let mediaType: String
  let bytes: [UInt8]

  /// Whether a text is one; letters of the scheme count the same in either case.
  static func isOne(_ text: [UInt8]) -> Bool {
    text.count >= 5 && zip(text, "data:".utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
  }

  /// Decodes it; never makes more than `limitBytes`.
  init(_ text: [UInt8], limitBytes: Int) throws(Refusal) {
    guard Self.isOne(text), let comma = text.firstIndex(of: UInt8(ascii: ",")) else {
      throw .malformed
    }
    let words = text[5..<comma].split(
      separator: UInt8(ascii: ";"), omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self).lowercased() }
    let type = words.first ?? ""
    mediaType = Self.isMediaType(type) ? type : "text/plain"
    let content = text[(comma + 1)...]
    guard words.dropFirst().contains("base64") else {
      let decoded = WrittenPath.decodedOnce(Array(content)) ?? Array(content)
      guard decoded.count <= limitBytes else { throw .tooLarge(byteCount: decoded.count) }
      bytes = decoded
      return
    }
    let digits =
      content.contains(UInt8(ascii: "%"))
      ? (WrittenPath.decodedOnce(Array(content)) ?? Array(content))[...] : content
    // Four digits are three bytes.
    let byteCount = digits.count { !Self.isNoDigit($0) } / 4 * 3
    guard byteCount <= limitBytes else { throw .tooLarge(byteCount: byteCount) }
    guard let decoded = Self.base64(digits) else { throw .malformed }
    guard decoded.count <= limitBytes else { throw .tooLarge(byteCount: decoded.count) }
    bytes = decoded
  }

  /// Padding and white space.
  private static func isNoDigit(_ byte: UInt8) -> Bool {
    [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "=")].contains(byte)
  }

  /// What can be a header's value and a column's: a type and a subtype of RFC 6838's characters.
  private static func isMediaType(_ text: String) -> Bool {
    let parts = text.utf8.split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.count <= 127
          && part.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "!#$&-^_.+".utf8.contains(byte)
            }
          }
      }
  }

  /// Decodes either alphabet, with or without padding; white space between digits is passed over.
  static func base64(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    // Nearly always there are groups of four digits and nothing else, but for padding in the last one.
    let groups = max(0, digits.count - 1) / 4 * 4
    let end = digits.startIndex + groups
    let source = digits.span.extracting(0..<groups)
    guard groups > 0, var bytes = [UInt8](base64Groups: 0..<groups, of: source) else {
      return spelled(digits)
    }
    guard let rest = spelled(digits[end...]) else { return nil }
    bytes += rest
    return bytes
  }

  /// Decodes digit by digit.
  private static func spelled(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3 + 3)
    var (bits, count, padding): (UInt32, Int, Int) = (0, 0, 0)
    for digit in digits {
      if Self.isNoDigit(digit) {
        padding += digit == UInt8(ascii: "=") ? 1 : 0
        continue
      }
      guard padding == 0, let value = Self.value(digit) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 1
      if count == 4 {
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits))
        (bits, count) = (0, 0)
      }
    }
    guard padding == 0 || count + padding == 4 || count == 0 && padding == 0 else { return nil }
    switch count {
    case 0: break
    case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3:
      bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: return nil
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
