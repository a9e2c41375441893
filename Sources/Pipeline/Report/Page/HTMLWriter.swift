/// HTML in the order it is written, escaped by construction: data is only ever text or an attribute's value.
struct HTMLWriter {
  /// The elements a report is made of.
  enum Tag: String {
    case html, head, body, title, style, script, header, nav, main, section, footer, article
    case h1, h2, h3, p, ul, ol, li, dl, dt, dd, div, span, strong, small, code, a
    case details, summary, table, caption, thead, tbody, tr, th, td, figure, figcaption
    case svg, desc
    case svgTitle = "title "

    fileprivate var name: String { self == .svgTitle ? "title" : rawValue }
  }

  /// Elements without content.
  enum VoidTag: String { case meta, link }

  /// An attribute, whose name is the program's and whose value may be anybody's.
  struct Attribute {
    let name: StaticString
    let value: String

    init(_ name: StaticString, _ value: String) {
      self.name = name
      self.value = value
    }

    static func id(_ value: String) -> Attribute { Attribute("id", value) }
    static func `class`(_ value: PageClass) -> Attribute { Attribute("class", value.rawValue) }
    static func link(_ section: PageSection) -> Attribute {
      Attribute("href", "#\(section.rawValue)")
    }
    static func number(_ name: StaticString, _ value: Double) -> Attribute {
      Attribute(name, Quantity.fixed(value, decimals: 2))
    }
  }

  private(set) var bytes: [UInt8] = Array("<!DOCTYPE html>\n".utf8)

  mutating func element(
    _ tag: Tag, _ attributes: Attribute..., content: (inout HTMLWriter) -> Void
  ) {
    open(tag.name, attributes)
    content(&self)
    put("</\(tag.name)>")
    if tag.endsLine { put("\n") }
  }

  mutating func element(_ tag: Tag, _ attributes: Attribute..., text: String) {
    open(tag.name, attributes)
    self.text(text)
    put("</\(tag.name)>")
    if tag.endsLine { put("\n") }
  }

  mutating func element(_ tag: VoidTag, _ attributes: Attribute...) {
    open(tag.rawValue, attributes)
    put("\n")
  }

  /// A rectangle of a drawing.
  mutating func shape(_ attributes: Attribute...) {
    open("rect", attributes)
    put("</rect>")
  }

  /// A style or script element, whose content is never data.
  mutating func element(_ tag: Tag, source: StaticString) {
    open(tag.name, [])
    put("\(source)")
    put("</\(tag.name)>\n")
  }

  /// Adds text; what could turn a line around is written as its number.
  mutating func text(_ text: String) {
    for byte in text.printable.utf8 {
      switch byte {
      case UInt8(ascii: "&"): put("&amp;")
      case UInt8(ascii: "<"): put("&lt;")
      case UInt8(ascii: ">"): put("&gt;")
      case UInt8(ascii: "\""): put("&quot;")
      case UInt8(ascii: "'"): put("&#39;")
      default: bytes.append(byte)
      }
    }
  }

  private mutating func open(_ name: String, _ attributes: [Attribute]) {
    put("<\(name)")
    for attribute in attributes {
      put(" \(attribute.name)=\"")
      text(attribute.value)
      put("\"")
    }
    put(">")
  }

  private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
}

extension HTMLWriter.Tag {
  /// Whether a line end after it is of no meaning and makes the source readable.
  fileprivate var endsLine: Bool {
    switch self {
    case .a, .code, .span, .strong, .small, .td, .th, .summary: false
    default: true
    }
  }
}
