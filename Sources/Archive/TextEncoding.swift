/// How the characters of an input are stored: by its byte order mark, else as its reader is told.
public enum TextEncoding: String, Sendable, CaseIterable {
  /// UTF-8, with or without a mark; what is no UTF-8 stays as it is.
  case utf8 = "UTF-8"
  /// UTF-16 after the mark FF FE.
  case utf16LittleEndian = "UTF-16LE"
  /// UTF-16 after the mark FE FF.
  case utf16BigEndian = "UTF-16BE"
  /// A byte a character, as Windows wrote them in western Europe; has no mark.
  case windows1252 = "windows-1252"

  /// Longest byte order mark.
  static let maximumMarkBytes = 3

  /// Recognises the mark at the start of an input.
  /// - Parameters:
  ///   - head: the first bytes; three, or fewer when the input is that short.
  ///   - assumed: the encoding of one without a mark.
  /// - Returns: the encoding, and how many bytes the mark takes.
  static func detect(
    _ head: [UInt8], assuming assumed: TextEncoding
  ) -> (encoding: TextEncoding, markBytes: Int) {
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    return (assumed, 0)
  }
}
