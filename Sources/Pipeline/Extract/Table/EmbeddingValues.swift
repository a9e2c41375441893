internal import FoundationEssentials

/// The numbers of one embedding as a file of embeddings has them: one behind the other, low bytes first.
struct EmbeddingValues: Sendable, Equatable {
  /// Bytes of a number (IEEE 754): 4 of a vector's, 8 of numbers that were text.
  let width: Int
  let bytes: [UInt8]

  var dimensions: Int { bytes.count / width }

  /// Reads an embedding out of a record: `{"float32": "<base64, high bytes first>"}` or a list of numbers.
  ///
  /// Nil of anything else.
  init?(_ value: JSONValue, of tape: borrowing JSONTape) {
    switch tape.kind(value) {
    case .object:
      guard let text = tape.member(value, "float32"), tape.kind(text) == .string,
        let decoded = DataURL.base64(tape.bytes[tape.range(text)]), decoded.count % 4 == 0
      else { return nil }
      self.init(bigEndian: decoded)
    case .array:
      var numbers: [UInt8] = []
      numbers.reserveCapacity(tape.count(value) * 8)
      var isWhole = true
      tape.forEachElement(value) { element in
        guard tape.kind(element) == .number,
          let number = Double(decimal: tape.bytes, tape.range(element)), number.isFinite
        else {
          isWhole = false
          return
        }
        numbers.append(little: number.bitPattern)
      }
      guard isWhole else { return nil }
      self.init(width: 8, bytes: numbers)
    default: return nil
    }
  }

  /// Takes four-byte numbers whose high bytes come first.
  private init(bigEndian bytes: [UInt8]) {
    var turned: [UInt8] = []
    turned.append(addingCapacity: bytes.count) { tail in
      let bytes = bytes.span
      for start in stride(from: 0, to: bytes.count, by: 4) {
        tail.append(bytes[start + 3])
        tail.append(bytes[start + 2])
        tail.append(bytes[start + 1])
        tail.append(bytes[start])
      }
    }
    self.init(width: 4, bytes: turned)
  }

  private init(width: Int, bytes: [UInt8]) {
    self.width = width
    self.bytes = bytes
  }

  /// Whether none of numbers of four bytes is an infinity or NaN, which JSON does not have.
  var isFinite: Bool {
    let bytes = bytes.span
    for start in stride(from: 0, to: bytes.count, by: 4) where !bytes.float(at: start).isFinite {
      return false
    }
    return true
  }

  /// Appends finite numbers of four bytes as a JSON list, in the text that pgvector writes of them.
  func appendList(to out: inout [UInt8]) {
    out.append(addingCapacity: 2 + dimensions * (OutputSpan<UInt8>.floatTextBytes + 1)) { tail in
      let bytes = bytes.span
      tail.append(UInt8(ascii: "["))
      for start in stride(from: 0, to: bytes.count, by: 4) {
        if start > 0 { tail.append(UInt8(ascii: ",")) }
        tail.append(float: bytes.float(at: start))
      }
      tail.append(UInt8(ascii: "]"))
    }
  }
}

extension Span<UInt8> {
  fileprivate func float(at start: Int) -> Float {
    Float(bitPattern: little(at: start, as: UInt32.self))
  }
}

extension Double {
  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The number nearest to a JSON number's text.
  ///
  /// Fifteen digits and a power of ten up to 22 are exact numbers both, and the one operation on them rounds
  /// once (Clinger, "How to Read Floating Point Numbers Accurately", 1990); the rest is left to the library.
  init?(decimal bytes: [UInt8], _ range: Range<Int>) {
    var (mantissa, digits, exponent): (UInt64, Int, Int) = (0, 0, 0)
    var (isNegative, isFraction) = (false, false)
    var at = range.lowerBound
    if at < range.upperBound, bytes[at] == UInt8(ascii: "-") {
      isNegative = true
      at += 1
    }
    while at < range.upperBound {
      let digit = bytes[at] &- UInt8(ascii: "0")
      if digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if mantissa > 0 { digits += 1 }
        if isFraction { exponent -= 1 }
      } else if bytes[at] == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      at += 1
    }
    guard at == range.upperBound, digits <= 15, exponent >= -22 else {
      self.init(String(decoding: bytes[range], as: UTF8.self))
      return
    }
    let value = Double(mantissa) / Self.powersOfTen[-exponent]
    self = isNegative ? -value : value
  }
}
