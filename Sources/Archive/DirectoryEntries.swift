internal import Glibc

/// The names in one directory, read whole and closed again.
struct DirectoryEntries: Sendable {
  /// Names in byte order, without those that begin with a dot.
  private(set) var names: [String] = []
  /// Names that are not UTF-8, with each byte that does not fit written as `\xNN`.
  private(set) var undecodable: [String] = []

  init(path: String) throws(FileError) { try self.init(path: path, hidden: false) }

  /// Names that begin with a dot, in byte order, without `.` and `..`.
  static func hidden(in path: String) throws(FileError) -> [String] {
    try DirectoryEntries(path: path, hidden: true).names.filter { $0 != "." && $0 != ".." }
  }

  private init(path: String, hidden: Bool) throws(FileError) {
    guard let directory = unsafe opendir(path) else {
      throw FileError(.open, path: path, errno: errno)
    }
    defer { unsafe closedir(directory) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else { break }
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
        unsafe Array(name.prefix { $0 != 0 })
      }
      guard (bytes.first == UInt8(ascii: ".")) == hidden else { continue }
      if let name = String(validating: bytes, as: UTF8.self) {
        names.append(name)
      } else {
        undecodable.append(escapedName(bytes))
      }
    }
    guard errno == 0 else { throw FileError(.read, path: path, errno: errno) }
    names.sort(by: precedesBytewise)
    undecodable.sort(by: precedesBytewise)
  }
}

/// Byte order, the same on every machine; `<` on strings compares normalised characters.
func precedesBytewise(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// Shows a name that no `String` can hold.
func escapedName(_ bytes: [UInt8]) -> String {
  bytes.reduce(into: "") { text, byte in
    switch byte {
    case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let digits = String(byte, radix: 16)
      text += byte < 16 ? "\\x0\(digits)" : "\\x\(digits)"
    }
  }
}
