/// Where an object is in its store: segments between slashes, as `SESSION/DIGEST.png`.
///
/// Only characters that Supabase Storage takes (its `src/storage/limits.ts`): letters, digits and
/// `_/!-.*'()&$@=;:+,?` and blank. Neither empty segments nor `.` and `..`: servers, proxies and file systems
/// make something else of them. Segments have at most 255 bytes, which is what file systems can name.
public struct ObjectKey: Sendable, Hashable, CustomStringConvertible {
  /// The key as it is.
  public let text: String

  /// Checks a key.
  /// - Throws: ``ObjectStoreError`` with ``ObjectStoreError/Reason/invalidKey``.
  public init(_ text: String) throws(ObjectStoreError) {
    let segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isValid = segments.allSatisfy { segment in
      !segment.isEmpty && segment.count <= 255 && !segment.elementsEqual(".".utf8)
        && !segment.elementsEqual("..".utf8) && segment.allSatisfy(Self.isAllowed)
    }
    guard isValid, text.utf8.count <= 1024 else {
      throw ObjectStoreError(.invalidKey, key: text, place: "")
    }
    self.text = text
  }

  /// The key itself.
  public var description: String { text }

  var segments: [Substring] { text.split(separator: "/") }

  /// The key for a URL's path, each segment with everything but letters, digits and `-._~` escaped.
  var percentEncoded: String { percentEncode(text, keeping: UInt8(ascii: "/")) }

  static func isAllowed(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "_!.*'() &$=@;:+,?-".utf8.contains(byte)
  }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}

/// Escapes all but RFC 3986's unreserved characters and one more.
func percentEncode(_ text: String, keeping kept: UInt8? = nil) -> String {
  text.utf8.reduce(into: "") { encoded, byte in
    if isAlphanumeric(byte) || "-._~".utf8.contains(byte) || byte == kept {
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      let digits = String(byte, radix: 16, uppercase: true)
      encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
    }
  }
}
