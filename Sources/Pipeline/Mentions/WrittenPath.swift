internal import Archive

/// A path as some program of some system wrote it, read by the rules of all of them.
///
/// Windows (`C:\Project\a.txt`, `c:/Project`, `\\?\C:\…`, `\\server\share\…`), POSIX, WSL's `/mnt/c/…`, the
/// double prefix `/app/c:/Project/…`, and `file:` URLs. A drive's paths are the same however they are spelled.
/// Where a backslash may separate names or be part of one, it separates.
/// `.` and `..` are worked off in the text, as Windows does: what a `..` leads out of is not looked for.
struct WrittenPath: Hashable, Sendable {
  enum Anchor: Hashable, Sendable {
    /// Below whatever directory was the working one.
    case relative
    /// From `/`, or from the list of servers: a server's name is then the first.
    case root
    /// From a drive's root; its letter is a small one.
    case drive(UInt8)
  }

  let anchor: Anchor
  /// None is `.`, `..` or empty; bytes, for what is percent-encoded need not be text.
  let names: [[UInt8]]
  /// How names are compared: the systems that have drives see no difference between `a` and `A`.
  let match: NameMatch

  /// Why a text is no path to look for.
  enum Refusal: Error, Hashable, Sendable {
    /// It names nothing.
    case empty
    /// A `..` leads out of where it begins.
    case climbs
    /// A NUL, which no name can hold, or more names than any system takes.
    case impossible
  }

  /// Names a path may have; Linux ends at 4096 bytes.
  private static let nameLimit = 2_048

  /// Reads a path.
  init(_ text: [UInt8]) throws(Refusal) {
    try self.init(text[...], isURL: false)
  }

  private init(_ text: ArraySlice<UInt8>, isURL: Bool) throws(Refusal) {
    guard !text.contains(0) else { throw .impossible }
    var parts = Self.parts(text)
    let slashes = text.prefix { Self.isSeparator($0) }.count
    if slashes == 2, !isURL, parts.first == Array("?".utf8) || parts.first == Array(".".utf8) {
      // \\?\C:\… and \\?\UNC\server\share\…
      parts.removeFirst()
      if parts.first?.lowercasedASCII == Array("unc".utf8) { parts.removeFirst() }
    }
    if let drive = Self.drive(in: parts, isRelative: slashes == 0) {
      anchor = .drive(drive.letter)
      names = try Self.settled(drive.rest)
      match = .folded
      return
    }
    let settled = try Self.settled(parts)
    guard slashes > 0 else {
      guard !settled.isEmpty else { throw .empty }
      anchor = .relative
      names = settled
      match = .folded
      return
    }
    if let drive = Self.mountedDrive(settled) {
      anchor = .drive(drive)
      names = Array(settled.dropFirst(2))
      match = .folded
      return
    }
    anchor = .root
    names = settled
    match = text.contains(UInt8(ascii: "\\")) ? .folded : .exact
  }

  /// Whether a text is a `file:` URL.
  static func isURL(_ text: [UInt8]) -> Bool {
    text.count >= 5 && Array(text.prefix(5)).lowercasedASCII == Array("file:".utf8)
  }

  /// Reads a `file:` URL; percent-escapes are always such there.
  init(url text: [UInt8]) throws(Refusal) {
    var rest = text.dropFirst("file:".utf8.count)
    rest = rest.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "?") }
    if rest.starts(with: Array("//".utf8)) {
      let host = rest.dropFirst(2).prefix { !Self.isSeparator($0) }
      let isHere = host.isEmpty || Array(host).lowercasedASCII == Array("localhost".utf8)
      // file://C:/… is written as well.
      let isDrive = host.count == 2 && host.last == UInt8(ascii: ":")
      if isDrive {
        rest = rest.dropFirst(2)
      } else if isHere {
        rest = rest.dropFirst(2 + host.count)
      } else {
        // \\server\share\…
        let share = Array("\\\\".utf8) + Self.decoded(rest.dropFirst(2))
        try self.init(share[...], isURL: false)
        return
      }
    }
    try self.init(Self.decoded(rest)[...], isURL: true)
  }

  /// The same path with its percent-escapes resolved; nil if it has none.
  static func decodedOnce(_ text: [UInt8]) -> [UInt8]? {
    let decoded = decoded(text[...])
    return decoded.count == text.count ? nil : decoded
  }

  /// Whether this path is in a directory, or is it; and the names from there on.
  func names(below directory: WrittenPath) -> ArraySlice<[UInt8]>? {
    guard anchor == directory.anchor, names.count >= directory.names.count else { return nil }
    let isBelow = zip(names, directory.names).allSatisfy { own, other in
      match == .exact ? own == other : Self.folded(own) == Self.folded(other)
    }
    return isBelow ? names[directory.names.count...] : nil
  }

  private static func folded(_ name: [UInt8]) -> String {
    String(decoding: name, as: UTF8.self).lowercased()
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
  }

  private static func parts(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
    text.split(whereSeparator: isSeparator).map(Array.init)
  }

  /// The last drive among the parts, and what is behind it.
  private static func drive(
    in parts: [[UInt8]], isRelative: Bool
  ) -> (letter: UInt8, rest: [[UInt8]])? {
    let drive = parts.indices.last { index in
      let part = parts[index]
      guard part.count >= 2, isLetter(part[0]) else { return false }
      // A name such as a:b is one of a drive only at the start.
      if part.count > 2 { return index == 0 && isRelative && part[1] == colon }
      return part[1] == colon || part[1] == UInt8(ascii: "|")
    }
    guard let drive else { return nil }
    let tail = Array(parts[drive].dropFirst(2))
    return (parts[drive][0] | 0x20, (tail.isEmpty ? [] : [tail]) + parts[(drive + 1)...])
  }

  /// The drive that is at `/mnt/c` in Linux on Windows (WSL).
  private static func mountedDrive(_ names: [[UInt8]]) -> UInt8? {
    guard names.count >= 2, names[0] == Array("mnt".utf8), names[1].count == 1,
      isLetter(names[1][0])
    else { return nil }
    return names[1][0] | 0x20
  }

  private static let colon = UInt8(ascii: ":")

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func settled(_ parts: [[UInt8]]) throws(Refusal) -> [[UInt8]] {
    guard parts.count <= nameLimit else { throw .impossible }
    var names: [[UInt8]] = []
    for part in parts where part != [UInt8(ascii: ".")] {
      guard part == Array("..".utf8) else {
        names.append(part)
        continue
      }
      guard names.popLast() != nil else { throw .climbs }
    }
    return names
  }

  /// Resolves escapes of two hexadecimal digits; all else stays as it is.
  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.count)
    var at = text.startIndex
    while at < text.endIndex {
      if text[at] == UInt8(ascii: "%"), at + 2 < text.endIndex,
        let high = Character(Unicode.Scalar(text[at + 1])).hexDigitValue,
        let low = Character(Unicode.Scalar(text[at + 2])).hexDigitValue
      {
        decoded.append(UInt8(high << 4 | low))
        at += 3
      } else {
        decoded.append(text[at])
        at += 1
      }
    }
    return decoded
  }
}

extension [UInt8] {
  /// With the letters A to Z made small.
  fileprivate var lowercasedASCII: [UInt8] {
    map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }
}
