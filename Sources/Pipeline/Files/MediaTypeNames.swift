/// Types that are known by the end of a file's name.
enum MediaTypeNames {
  /// How a type shows in the first bytes.
  enum Form: Sendable, Hashable {
    /// By a signature of its own, so that a name without it lies.
    case signed
    /// As one of the contents of a container.
    case within(MediaContainer)
    /// As text.
    case text
    /// Not at all.
    case binary
  }

  /// The type of the longest ending that is known; letters count the same in either case.
  static func type(of name: ArraySlice<UInt8>) -> (type: String, form: Form)? {
    let text = String(decoding: name, as: UTF8.self).lowercased()
    if let whole = names[text] { return (whole, .text) }
    var endings = text.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
    while !endings.isEmpty {
      if let known = table[endings.joined(separator: ".")] { return known }
      endings.removeFirst()
    }
    return nil
  }

  private static let names = [
    "dockerfile": "text/x-dockerfile", "makefile": "text/x-makefile", "license": "text/plain",
    "readme": "text/plain", ".gitignore": "text/plain",
  ]

  private static let table: [String: (type: String, form: Form)] = {
    var table: [String: (type: String, form: Form)] = [:]
    func add(_ form: Form, _ types: [String: String]) {
      for (type, endings) in types {
        for ending in endings.split(separator: " ") { table[String(ending)] = (type, form) }
      }
    }
    add(.signed, signed)
    add(.text, texts)
    add(.within(.zip), inZip)
    add(
      .within(.ole),
      [
        "application/msword": "doc dot", "application/vnd.ms-excel": "xls xlt",
        "application/vnd.ms-powerpoint": "ppt pps", "application/vnd.ms-outlook": "msg",
      ])
    add(.within(.ogg), ["audio/ogg": "ogg oga opus spx", "video/ogg": "ogv"])
    add(
      .within(.matroska),
      ["video/webm": "webm", "video/x-matroska": "mkv", "audio/x-matroska": "mka"])
    add(.within(.xml), ["image/svg+xml": "svg", "application/xhtml+xml": "xhtml"])
    add(.within(.gzip), ["application/x-compressed-tar": "tar.gz tgz"])
    add(.binary, ["application/x-python-pickle": "pkl", "application/x-hdf5": "h5 hdf5"])
    return table
  }()

  private static let signed = [
    "image/png": "png", "image/jpeg": "jpg jpeg jpe", "image/gif": "gif", "image/webp": "webp",
    "image/bmp": "bmp", "image/tiff": "tif tiff", "image/heic": "heic", "image/avif": "avif",
    "application/pdf": "pdf", "application/x-7z-compressed": "7z", "application/vnd.rar": "rar",
    "application/x-bzip2": "bz2", "application/x-xz": "xz", "application/zstd": "zst",
    "video/mp4": "mp4 m4v", "audio/mp4": "m4a", "video/quicktime": "mov",
    "audio/flac": "flac", "audio/vnd.wave": "wav", "video/x-msvideo": "avi",
    "application/vnd.sqlite3": "sqlite sqlite3", "application/vnd.apache.parquet": "parquet",
    "font/woff": "woff", "font/woff2": "woff2", "application/wasm": "wasm",
  ]

  private static let inZip = [
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/epub+zip": "epub", "application/java-archive": "jar",
    "application/vnd.android.package-archive": "apk",
  ]

  private static let texts = [
    "text/plain": "txt text log conf cfg ini properties env diff patch",
    "text/markdown": "md markdown", "text/csv": "csv", "text/tab-separated-values": "tsv",
    "text/html": "html htm", "text/css": "css", "text/javascript": "js mjs cjs",
    "text/x-typescript": "ts tsx", "text/jsx": "jsx", "text/x-python": "py pyi",
    "text/x-swift": "swift", "text/x-c": "c h", "text/x-c++": "cc cpp cxx hpp hh",
    "text/x-java": "java", "text/x-kotlin": "kt kts", "text/x-go": "go", "text/x-rust": "rs",
    "text/x-ruby": "rb", "text/x-php": "php", "text/x-perl": "pl pm", "text/x-csharp": "cs",
    "application/x-sh": "sh bash zsh", "application/x-powershell": "ps1 psm1",
    "application/sql": "sql", "application/json": "json ipynb", "application/jsonl": "jsonl ndjson",
    "application/yaml": "yaml yml", "application/toml": "toml", "application/xml": "xml xsd xsl",
    "text/vtt": "vtt", "application/x-subrip": "srt", "text/calendar": "ics", "text/vcard": "vcf",
    "message/rfc822": "eml", "text/x-tex": "tex", "text/x-rst": "rst",
  ]
}
