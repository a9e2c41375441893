/// JSON in the order it is written: a report is read by people from the top.
///
/// Members go on lines of their own, except in containers asked to stay on one line.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var depth = 0
  /// Open containers that are on one line; all inside them are too.
  private var inlineDepth = 0
  private var isFirst = true

  mutating func object(inline: Bool = false, _ body: (inout JSONWriter) -> Void) {
    container("{", "}", inline: inline, body)
  }

  mutating func array(inline: Bool = false, _ body: (inout JSONWriter) -> Void) {
    container("[", "]", inline: inline, body)
  }

  /// Writes a member's name, or starts an element when `name` is nil; its value must follow.
  mutating func next(_ name: String? = nil) {
    if !isFirst { put(inlineDepth > 0 ? ", " : ",") }
    isFirst = false
    if inlineDepth == 0 { newLine() }
    guard let name else { return }
    quoted(name)
    put(": ")
  }

  mutating func member(_ name: String, _ value: String?) {
    next(name)
    if let value { quoted(value) } else { put("null") }
  }

  mutating func member(_ name: String, _ value: Int?) {
    next(name)
    put(value.map(String.init) ?? "null")
  }

  mutating func member(_ name: String, _ value: Bool) {
    next(name)
    put(value ? "true" : "false")
  }

  /// Writes at most three decimals; what is not a number in JSON becomes null.
  mutating func member(_ name: String, _ value: Double) {
    next(name)
    put(value.isFinite ? String((value * 1000).rounded() / 1000) : "null")
  }

  mutating func quoted(_ text: String) {
    put("\"")
    _ = JSONEscape.append(Array(text.utf8).span, from: 0, to: &bytes)
    put("\"")
  }

  mutating func put(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func container(
    _ open: String, _ close: String, inline: Bool, _ body: (inout JSONWriter) -> Void
  ) {
    put(open)
    depth += 1
    if inline || inlineDepth > 0 { inlineDepth += 1 }
    isFirst = true
    body(&self)
    let isEmpty = isFirst
    depth -= 1
    if inlineDepth > 0 { inlineDepth -= 1 } else if !isEmpty { newLine() }
    isFirst = false
    put(close)
  }

  private mutating func newLine() {
    put("\n" + String(repeating: "  ", count: depth))
  }
}
