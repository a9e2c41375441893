/// XML as CI systems read it; texts are escaped, and characters XML 1.0 has no place for are named instead.
struct XMLWriter {
  private(set) var bytes: [UInt8] = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
  private var depth = 0

  /// Writes an element without content.
  mutating func element(_ name: StaticString, _ attributes: [(StaticString, String)]) {
    open(name, attributes)
    put("/>\n")
  }

  /// Writes an element with what `body` writes in it.
  mutating func element(
    _ name: StaticString, _ attributes: [(StaticString, String)],
    _ body: (inout XMLWriter) -> Void
  ) {
    open(name, attributes)
    put(">\n")
    depth += 1
    body(&self)
    depth -= 1
    close(name, isIndented: true)
  }

  /// Writes an element that holds a text.
  mutating func element(
    _ name: StaticString, _ attributes: [(StaticString, String)] = [], text: String
  ) {
    open(name, attributes)
    put(">")
    escape(text)
    close(name, isIndented: false)
  }

  private mutating func open(_ name: StaticString, _ attributes: [(StaticString, String)]) {
    put(String(repeating: "  ", count: depth) + "<\(name)")
    for (key, value) in attributes {
      put(" \(key)=\"")
      escape(value)
      put("\"")
    }
  }

  private mutating func close(_ name: StaticString, isIndented: Bool) {
    if isIndented { put(String(repeating: "  ", count: depth)) }
    put("</\(name)>\n")
  }

  private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func escape(_ text: String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": put("&amp;")
      case "<": put("&lt;")
      case ">": put("&gt;")
      case "\"": put("&quot;")
      case "\n": put("&#10;")
      case "\t": put("&#9;")
      // https://www.w3.org/TR/xml/#charsets, without what it discourages.
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}"..."\u{FFFF}":
        put("\\u{\(String(scalar.value, radix: 16))}")
      default: bytes.append(contentsOf: Array(String(scalar).utf8))
      }
    }
  }
}
