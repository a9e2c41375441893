internal import Archive

/// A line of a list of checksums, as sha256sum writes and reads it.
///
/// Chunks follow the line of their file as `#chunk OFFSET LENGTH DIGEST`, which sha256sum takes for a comment.
enum ChecksumLine: Equatable {
  case file(RawPath, FileDigest)
  case chunk(byteOffset: Int, byteLength: Int, FileDigest)
  case comment
  case malformed

  private static let chunkWord: [UInt8] = Array("#chunk ".utf8)
  private static let tags = ["SHA256", "SHA2-256"].map { Array($0.utf8) }

  /// Reads a line without its newline.
  ///
  /// Besides sha256sum's own form, that of `sha256sum --tag` and that of `openssl dgst` are read.
  init(_ line: ArraySlice<UInt8>) {
    // A list that went through Windows; in a name a carriage return is written `\r`.
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    if line.isEmpty || line.first == UInt8(ascii: "#") {
      self = line.starts(with: Self.chunkWord) ? Self.chunk(line) : .comment
      return
    }
    let isEscaped = line.first == UInt8(ascii: "\\")
    let body = isEscaped ? line.dropFirst() : line
    guard let (name, digest) = Self.plain(body) ?? Self.tagged(body),
      let path = isEscaped ? Self.unescaped(name) : Array(name), !path.isEmpty
    else {
      self = .malformed
      return
    }
    self = .file(RawPath(path), digest)
  }

  /// `DIGEST  NAME` or `DIGEST *NAME`.
  private static func plain(
    _ line: ArraySlice<UInt8>
  ) -> (name: ArraySlice<UInt8>, digest: FileDigest)? {
    let digits = line.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    guard let digest = FileDigest(hexadecimal: digits) else { return nil }
    let rest = line[digits.endIndex...].dropFirst()
    let isMarked = rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "*")
    return (isMarked ? rest.dropFirst() : rest, digest)
  }

  /// `SHA256 (NAME) = DIGEST`, the blanks being optional.
  private static func tagged(
    _ line: ArraySlice<UInt8>
  ) -> (name: ArraySlice<UInt8>, digest: FileDigest)? {
    guard let tag = tags.first(where: { line.starts(with: $0) }) else { return nil }
    let rest = line.dropFirst(tag.count).drop { $0 == UInt8(ascii: " ") }
    guard rest.first == UInt8(ascii: "("), let close = rest.lastIndex(of: UInt8(ascii: ")")),
      let digest = FileDigest(
        hexadecimal: rest[(close + 1)...].drop {
          $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "=")
        })
    else { return nil }
    return (rest[(rest.startIndex + 1)..<close], digest)
  }

  private static func chunk(_ line: ArraySlice<UInt8>) -> ChecksumLine {
    let words = line.split(separator: UInt8(ascii: " "))
    guard words.count == 4, let offset = Int(String(decoding: words[1], as: UTF8.self)),
      let length = Int(String(decoding: words[2], as: UTF8.self)), offset >= 0, length > 0,
      let digest = FileDigest(hexadecimal: words[3])
    else { return .malformed }
    return .chunk(byteOffset: offset, byteLength: length, digest)
  }

  private static func unescaped(_ name: ArraySlice<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    var rest = name
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "\\"): out.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "n"): out.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): out.append(UInt8(ascii: "\r"))
      default: return nil
      }
    }
    return out
  }
}

extension ChecksumLine {
  /// Appends the line of a file, and the lines of its chunks.
  static func append(_ path: RawPath, _ content: HashedContent, to out: inout [UInt8]) {
    let name = escaped(path)
    if name != nil { out.append(UInt8(ascii: "\\")) }
    content.digest.appendHexadecimal(to: &out)
    out.append(UInt8(ascii: " "))
    out.append(UInt8(ascii: " "))
    out.append(contentsOf: name ?? path.bytes)
    out.append(UInt8(ascii: "\n"))
    for (index, chunk) in content.chunks.enumerated() {
      let offset = index * ChunkHash.chunkBytes
      out.append(contentsOf: chunkWord)
      out.append(decimal: offset)
      out.append(UInt8(ascii: " "))
      out.append(decimal: min(ChunkHash.chunkBytes, content.byteCount - offset))
      out.append(UInt8(ascii: " "))
      chunk.appendHexadecimal(to: &out)
      out.append(UInt8(ascii: "\n"))
    }
  }

  /// Appends a name as `sha256sum --check` prints it: escaped only where a line would not be one.
  static func appendName(_ path: RawPath, to out: inout [UInt8]) {
    let isBroken =
      path.bytes.contains(UInt8(ascii: "\n")) || path.bytes.contains(UInt8(ascii: "\r"))
    if isBroken, let name = escaped(path) {
      out.append(UInt8(ascii: "\\"))
      out.append(contentsOf: name)
    } else {
      out.append(contentsOf: path.bytes)
    }
  }

  /// Nil when the name can stand as it is.
  private static func escaped(_ path: RawPath) -> [UInt8]? {
    guard path.bytes.contains(where: { escape(of: $0) != nil }) else { return nil }
    var name: [UInt8] = []
    for byte in path.bytes {
      if let letter = escape(of: byte) {
        name.append(UInt8(ascii: "\\"))
        name.append(letter)
      } else {
        name.append(byte)
      }
    }
    return name
  }

  private static func escape(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\\"): UInt8(ascii: "\\")
    case UInt8(ascii: "\n"): UInt8(ascii: "n")
    case UInt8(ascii: "\r"): UInt8(ascii: "r")
    default: nil
    }
  }
}
