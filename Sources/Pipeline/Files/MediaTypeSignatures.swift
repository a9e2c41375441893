/// Types that are known by the first bytes of a file.
enum MediaTypeSignatures {
  enum Found: Sendable, Equatable {
    case type(String)
    case container(MediaContainer)
  }

  private struct Signature: Sendable {
    let offset: Int
    let bytes: [UInt8]
    let found: Found

    init(_ text: String, at offset: Int = 0, _ type: String) {
      self.init(Array(text.utf8), at: offset, .type(type))
    }

    init(_ bytes: [UInt8], at offset: Int = 0, _ type: String) {
      self.init(bytes, at: offset, .type(type))
    }

    init(_ bytes: [UInt8], at offset: Int = 0, _ found: Found) {
      self.offset = offset
      self.bytes = bytes
      self.found = found
    }
  }

  /// The first that fits is taken, so the longer of two with one beginning comes first.
  private static let table: [Signature] = [
    Signature([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
    Signature([0xFF, 0xD8, 0xFF], "image/jpeg"),
    Signature("GIF87a", "image/gif"), Signature("GIF89a", "image/gif"),
    Signature([0x49, 0x49, 0x2A, 0x00], "image/tiff"),
    Signature([0x4D, 0x4D, 0x00, 0x2A], "image/tiff"),
    Signature([0x00, 0x00, 0x01, 0x00], "image/vnd.microsoft.icon"),
    Signature("8BPS", "image/vnd.adobe.photoshop"),
    Signature([0xFF, 0x0A], "image/jxl"),
    Signature([0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "image/jxl"),
    Signature([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20], "image/jp2"),
    Signature("%PDF-", "application/pdf"), Signature("%!PS", "application/postscript"),
    Signature("{\\rtf", "application/rtf"),
    Signature([0x50, 0x4B, 0x03, 0x04], .container(.zip)),
    Signature([0x50, 0x4B, 0x05, 0x06], .container(.zip)),
    Signature([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .container(.ole)),
    Signature([0x1F, 0x8B], .container(.gzip)),
    Signature("BZh", "application/x-bzip2"),
    Signature([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "application/x-xz"),
    Signature([0x28, 0xB5, 0x2F, 0xFD], "application/zstd"),
    Signature([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
    Signature([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], "application/vnd.rar"),
    Signature("ustar", at: 257, "application/x-tar"),
    Signature("SQLite format 3\0", "application/vnd.sqlite3"),
    Signature("PAR1", "application/vnd.apache.parquet"),
    Signature([0x7F, 0x45, 0x4C, 0x46], "application/x-elf"),
    Signature([0x00, 0x61, 0x73, 0x6D], "application/wasm"),
    Signature("OggS".utf8.map { $0 }, .container(.ogg)),
    Signature("fLaC", "audio/flac"), Signature("ID3", "audio/mpeg"),
    Signature([0xFF, 0xF1], "audio/aac"), Signature([0xFF, 0xF9], "audio/aac"),
    Signature([0xFF, 0xFB], "audio/mpeg"), Signature([0xFF, 0xF3], "audio/mpeg"),
    Signature([0xFF, 0xF2], "audio/mpeg"), Signature("MThd", "audio/midi"),
    Signature("#!AMR", "audio/AMR"),
    Signature([0x1A, 0x45, 0xDF, 0xA3], .container(.matroska)),
    Signature([0x00, 0x00, 0x01, 0xBA], "video/mpeg"),
    Signature("wOFF", "font/woff"), Signature("wOF2", "font/woff2"),
    Signature("OTTO", "font/otf"), Signature([0x00, 0x01, 0x00, 0x00, 0x00], "font/ttf"),
    Signature("<?xml".utf8.map { $0 }, .container(.xml)),
  ]

  static func find(_ head: ArraySlice<UInt8>) -> Found? {
    func has(_ bytes: some Collection<UInt8>, at offset: Int) -> Bool {
      head.dropFirst(offset).starts(with: bytes)
    }
    if has("RIFF".utf8, at: 0) { return riff(head.dropFirst(8).prefix(4)).map(Found.type) }
    if has("FORM".utf8, at: 0), has("AIF".utf8, at: 8) { return .type("audio/aiff") }
    if has("ftyp".utf8, at: 4) { return .type(isoMedia(head.dropFirst(8).prefix(4))) }
    // Two letters are too little: the size and the reserved zeros behind them must fit as well.
    if has("BM".utf8, at: 0), has([0, 0, 0, 0], at: 6) { return .type("image/bmp") }
    return table.first { has($0.bytes, at: $0.offset) }?.found
  }

  private static func riff(_ form: ArraySlice<UInt8>) -> String? {
    switch String(decoding: form, as: UTF8.self) {
    case "WAVE": "audio/vnd.wave"
    case "AVI ": "video/x-msvideo"
    case "WEBP": "image/webp"
    default: nil
    }
  }

  /// Files of ISO 14496-12, by their major brand.
  private static func isoMedia(_ brand: ArraySlice<UInt8>) -> String {
    switch String(decoding: brand, as: UTF8.self) {
    case "qt  ": "video/quicktime"
    case "M4A ", "M4B ", "M4P ": "audio/mp4"
    case "heic", "heix", "heim", "heis": "image/heic"
    case "mif1", "msf1": "image/heif"
    case "avif", "avis": "image/avif"
    case "3gp4", "3gp5", "3gp6": "video/3gpp"
    default: "video/mp4"
    }
  }
}
