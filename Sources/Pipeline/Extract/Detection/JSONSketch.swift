/// The outline of a JSON value whose end may be missing: kinds, names and beginnings, as far as they go.
///
/// Unlike the tape it is made of the first bytes of a file, which end wherever they end. Memory: the first
/// ``elementLimit`` elements of each array, ``depthLimit`` levels.
struct JSONSketch {
  enum Kind { case object, array, string, number, word }

  static let elementLimit = 16
  static let depthLimit = 6
  static let textLimitBytes = 64

  var kind: Kind
  /// Names of an object's members, as written between their quotes.
  var names: [String] = []
  /// Values of these, or an array's first elements.
  var values: [JSONSketch] = []
  /// The beginning of a string or number, as written.
  var text = ""
  /// Whether it was there to its end.
  var isWhole = false

  /// The first value of a name.
  subscript(name: String) -> JSONSketch? {
    names.firstIndex(of: name).flatMap { values.indices.contains($0) ? values[$0] : nil }
  }

  func has(_ names: String...) -> Bool { names.allSatisfy(self.names.contains) }

  /// Reads the value that begins in a range; nil where none does.
  init?(_ bytes: [UInt8], _ range: Range<Int>) {
    var reader = SketchReader(bytes: bytes, at: range.lowerBound, end: range.upperBound)
    guard let value = reader.value(depth: 0) else { return nil }
    self = value
    // Something behind it: a line that is not JSON, though it begins so.
    if isWhole, reader.next() != nil { return nil }
  }

  fileprivate init(_ kind: Kind) { self.kind = kind }
}

/// Goes through the bytes of a sketch.
private struct SketchReader {
  let bytes: [UInt8]
  var at: Int
  let end: Int

  /// The next byte that is no white space; it stays.
  mutating func next() -> UInt8? {
    while at < end, isJSONSpace(bytes[at]) { at += 1 }
    return at < end ? bytes[at] : nil
  }

  mutating func value(depth: Int) -> JSONSketch? {
    guard let first = next() else { return nil }
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < JSONSketch.depthLimit else { return skipped(first) }
      return first == UInt8(ascii: "{") ? object(depth) : array(depth)
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return plain(.number)
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "N"), UInt8(ascii: "I"):
      return plain(.word)
    default: return nil
    }
  }

  private mutating func object(_ depth: Int) -> JSONSketch {
    var sketch = JSONSketch(.object)
    at += 1
    while let byte = next(), byte != UInt8(ascii: "}") {
      guard byte == UInt8(ascii: "\"") else { return sketch }
      let name = string()
      guard name.isWhole, next() == UInt8(ascii: ":") else { return sketch }
      at += 1
      sketch.names.append(name.text)
      guard let member = value(depth: depth + 1) else { return sketch }
      sketch.values.append(member)
      guard member.isWhole, goOn(UInt8(ascii: "}")) else { return sketch }
    }
    sketch.isWhole = next() != nil
    at += 1
    return sketch
  }

  private mutating func array(_ depth: Int) -> JSONSketch {
    var sketch = JSONSketch(.array)
    at += 1
    while let byte = next(), byte != UInt8(ascii: "]") {
      guard let element = value(depth: depth + 1) else { return sketch }
      if sketch.values.count < JSONSketch.elementLimit { sketch.values.append(element) }
      guard element.isWhole, goOn(UInt8(ascii: "]")) else { return sketch }
    }
    sketch.isWhole = next() != nil
    at += 1
    return sketch
  }

  /// Steps over a comma; false where neither that nor the end of the container comes.
  private mutating func goOn(_ closing: UInt8) -> Bool {
    switch next() {
    case UInt8(ascii: ","):
      at += 1
      return true
    case closing: return true
    default: return false
    }
  }

  private mutating func string() -> JSONSketch {
    var sketch = JSONSketch(.string)
    let start = at + 1
    at = start
    while at < end, bytes[at] != UInt8(ascii: "\"") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    at = min(at, end)
    sketch.text = text(start..<at)
    sketch.isWhole = at < end
    at = min(at + 1, end)
    return sketch
  }

  private mutating func plain(_ kind: JSONSketch.Kind) -> JSONSketch? {
    var sketch = JSONSketch(kind)
    let start = at
    while at < end, !isJSONSpace(bytes[at]), !",]}:".utf8.contains(bytes[at]) { at += 1 }
    sketch.text = text(start..<at)
    let words = ["true", "false", "null", "NaN", "Infinity"]
    guard kind == .number || words.contains(where: { $0.hasPrefix(sketch.text) }) else {
      return nil
    }
    // At the end of what was read, more of it may follow.
    sketch.isWhole = at < end || words.contains(sketch.text)
    return sketch
  }

  /// A container deeper than anything that tells a dialect: only its end is looked for.
  private mutating func skipped(_ first: UInt8) -> JSONSketch {
    var sketch = JSONSketch(first == UInt8(ascii: "{") ? .object : .array)
    var scanner = DepthScanner()
    while at < end {
      scanner.step(bytes[at])
      at += 1
      if scanner.depth == 0 {
        sketch.isWhole = true
        break
      }
    }
    return sketch
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.prefix(JSONSketch.textLimitBytes)], as: UTF8.self)
  }
}
