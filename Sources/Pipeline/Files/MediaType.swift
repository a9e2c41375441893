/// What kind of content a file has: by its first bytes, then by its name.
///
/// Types are the registered ones of IANA where there is one. A name alone is believed only where its type has no
/// signature of its own: `photo.png` without PNG's first bytes is no image.
enum MediaType {
  /// Bytes of a file's beginning that are looked at.
  static let headBytes = 4_096
  static let unknown = "application/octet-stream"
  static let plainText = "text/plain"

  /// - Parameters:
  ///   - head: the first bytes, all of them where there are fewer than ``headBytes``.
  ///   - name: the last component of the path.
  /// - Returns: a type without parameters.
  static func of(head: ArraySlice<UInt8>, name: ArraySlice<UInt8>) -> String {
    let named = MediaTypeNames.type(of: name)
    switch MediaTypeSignatures.find(head) {
    case .type(let type): return type
    case .container(let container):
      // What is in an archive of parts stands in its directory at the end, so the name decides.
      guard let named, container.holds(named.form) && named.type != plainText else {
        return container.type
      }
      return named.type
    case nil: break
    }
    let isText = isText(head)
    switch named?.form {
    case .text, .within(.xml): return isText ? named?.type ?? plainText : unknown
    case .binary: return isText && !head.isEmpty ? plainText : named?.type ?? unknown
    case .signed, .within, nil: return isText && !head.isEmpty ? plainText : unknown
    }
  }

  /// Whether the beginning is text in UTF-8, or in UTF-16 with its mark; a character cut at the end counts.
  private static func isText(_ head: ArraySlice<UInt8>) -> Bool {
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return true }
    guard !head.contains(where: { $0 < 0x20 && !(0x07...0x0D).contains($0) && $0 != 0x1B }) else {
      return false
    }
    let whole = head.count < headBytes ? 0...0 : 0...3
    return whole.contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
  }
}

/// What several types are stored in.
enum MediaContainer: Sendable, Hashable {
  case zip, ole, ogg, matroska, xml, gzip

  /// Whether a file of the form can begin as the container does; XML is text as well.
  func holds(_ form: MediaTypeNames.Form) -> Bool {
    form == .within(self) || self == .xml && form == .text
  }

  /// Of a content of which nothing more is known.
  var type: String {
    switch self {
    case .zip: "application/zip"
    case .ole: "application/x-ole-storage"
    case .ogg: "application/ogg"
    case .matroska: "video/x-matroska"
    case .xml: "application/xml"
    case .gzip: "application/gzip"
    }
  }
}
