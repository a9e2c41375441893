internal import Foundation

/// Text rules shared by the types of keys.
enum SpecText {
  /// The text, in JSON quotes where it would not stand alone in YAML.
  static func quoted(_ text: String) -> String {
    let isBare = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-./+".utf8.contains(byte)
      }
    }
    return isBare && !text.isEmpty ? text : inQuotes(text)
  }

  /// The text in JSON quotes.
  static func inQuotes(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : oneLine(scalar)
    }
    return "\"\(escaped.joined())\""
  }

  /// The text with control characters as JSON escapes.
  static func oneLine(_ text: String) -> String {
    text.unicodeScalars.map(oneLine).joined()
  }

  private static func oneLine(_ scalar: Unicode.Scalar) -> String {
    guard scalar.value < 0x20 || scalar.value == 0x7F else { return String(scalar) }
    return scalar.value < 0x10
      ? "\\u000\(String(scalar.value, radix: 16))"
      : "\\u00\(String(scalar.value, radix: 16))"
  }

  static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
      }
  }

  /// Whether the zone is in the system's list; fixed forms such as GMT+3, which Foundation also takes, are not.
  static func isZone(_ text: String) -> Bool {
    let isFixed = text.count > 3 && (text.hasPrefix("GMT") || text.hasPrefix("UTC"))
    return !isFixed && TimeZone(identifier: text) != nil
  }
}
