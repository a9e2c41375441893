/// Turns a JSON array of an archive into the text Postgres reads an array from (PostgreSQL documentation,
/// section 8.15.6).
enum ArrayLiteral {
  /// Appends the literal.
  ///
  /// - Parameters:
  ///   - bytes: hold the array, or the object that stands for one with other lower bounds.
  ///   - range: where it is.
  ///   - literal: gets the text, not yet escaped for COPY.
  static func append(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, to literal: inout [UInt8]
  ) {
    var start = range.lowerBound
    if bytes[start] == UInt8(ascii: "{") {
      // {"lowerBounds":[0,1],"elements":[…]}
      var bounds: [Int] = []
      start = readBounds(bytes, start + 15, into: &bounds) + 12
      let sizes = sizes(bytes, start..<range.upperBound, dimensions: bounds.count)
      for (bound, size) in zip(bounds, sizes) {
        literal.append(UInt8(ascii: "["))
        literal.append(decimal: bound)
        literal.append(UInt8(ascii: ":"))
        literal.append(decimal: bound + size - 1)
        literal.append(UInt8(ascii: "]"))
      }
      literal.append(UInt8(ascii: "="))
    }
    let end = bytes[range.lowerBound] == UInt8(ascii: "{") ? range.upperBound - 1 : range.upperBound
    appendElements(bytes, start..<end, to: &literal)
  }

  /// Reads `[0,1]`.
  ///
  /// - Returns: the place behind it.
  private static func readBounds(
    _ bytes: borrowing Span<UInt8>, _ start: Int, into bounds: inout [Int]
  ) -> Int {
    var at = start + 1
    while bytes[at - 1] != UInt8(ascii: "]") {
      let isNegative = bytes[at] == UInt8(ascii: "-")
      if isNegative { at += 1 }
      var value = 0
      while (0x30...0x39).contains(bytes[at]) {
        value = value * 10 + Int(bytes[at] & 0xF)
        at += 1
      }
      bounds.append(isNegative ? -value : value)
      at += 1
    }
    return at
  }

  /// Elements of each dimension; arrays are rectangular, so the first one of each tells.
  private static func sizes(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, dimensions: Int
  ) -> [Int] {
    var sizes = Array(repeating: 1, count: dimensions)
    var isClosed = Array(repeating: false, count: dimensions)
    var depth = 0
    var at = range.lowerBound
    while at < range.upperBound {
      switch bytes[at] {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"):
        if depth > 0 { isClosed[depth - 1] = true }
        depth -= 1
      case UInt8(ascii: ","): if !isClosed[depth - 1] { sizes[depth - 1] += 1 }
      case UInt8(ascii: "\""): at = endOfString(bytes, at) - 1
      default: break
      }
      if depth <= 0 { break }
      at += 1
    }
    return sizes
  }

  private static func appendElements(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, to literal: inout [UInt8]
  ) {
    var at = range.lowerBound
    while at < range.upperBound {
      switch bytes[at] {
      case UInt8(ascii: "["): literal.append(UInt8(ascii: "{"))
      case UInt8(ascii: "]"): literal.append(UInt8(ascii: "}"))
      case UInt8(ascii: "n"):
        literal.append(staticText: "NULL")
        at += 3
      case UInt8(ascii: "\""):
        let end = endOfString(bytes, at)
        appendString(bytes, at + 1..<end - 1, to: &literal)
        at = end - 1
      case let byte: literal.append(byte)
      }
      at += 1
    }
  }

  /// In an array's text, a backslash stands before quotes and backslashes and nothing else is special.
  private static func appendString(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, to literal: inout [UInt8]
  ) {
    literal.append(UInt8(ascii: "\""))
    var at = range.lowerBound
    while at < range.upperBound {
      guard bytes[at] == UInt8(ascii: "\\") else {
        literal.append(bytes[at])
        at += 1
        continue
      }
      switch bytes[at + 1] {
      case UInt8(ascii: "n"): literal.append(0x0A)
      case UInt8(ascii: "r"): literal.append(0x0D)
      case UInt8(ascii: "t"): literal.append(0x09)
      case UInt8(ascii: "u"):
        literal.append(bytes.byteOfEscape(at: at + 4))
        at += 4
      case let byte:
        literal.append(UInt8(ascii: "\\"))
        literal.append(byte)
      }
      at += 2
    }
    literal.append(UInt8(ascii: "\""))
  }

  private static func endOfString(_ bytes: borrowing Span<UInt8>, _ start: Int) -> Int {
    var at = start + 1
    while bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
    return at + 1
  }
}
