/// What becomes of the parts of a text that PostgreSQL cannot hold: U+0000 and half surrogate pairs.
enum RefusedText {
  /// NUL stays a byte and a surrogate its three-byte form: for hashing and comparing, never for storing.
  case keep
  /// Each becomes U+FFFD.
  case replace
  /// Each becomes its JSON escape in letters, such as `\u0000`.
  case mark
}

extension TextPolicy {
  /// What becomes of them where their record is not rejected.
  var refused: RefusedText { self == .mark ? .mark : .replace }
}

extension JSONTape {
  /// Appends the text of a string or key.
  ///
  /// - Returns: how many code units were refused and treated as `refused` says.
  @discardableResult
  func appendDecoded(
    _ value: JSONValue, refused: RefusedText = .keep, to out: inout [UInt8]
  ) -> Int {
    let entry = self[value]
    guard entry.flags.contains(.escaped) else {
      out.append(Int(entry.start)..<Int(entry.end), of: bytes)
      return 0
    }
    return appendUnescaped(entry, refused: refused, to: &out)
  }
}

extension TapeBuilder {
  /// Appends the text of an entry that was made of a source's bytes.
  ///
  /// - Returns: how many code units were refused.
  @discardableResult
  func appendDecoded(
    _ entry: Entry, of source: borrowing Span<UInt8>, refused: RefusedText, to out: inout [UInt8]
  ) -> Int {
    let range = Int(entry.start)..<Int(entry.end)
    let mended = mended.offsets.isEmpty ? nil : mended
    var count = 0
    // No escape is shorter than what it stands for, however it is written.
    out.append(addingCapacity: range.count) { tail in
      count = source.decode(range, mended, backslashes, refused, to: &tail)
    }
    return count
  }
}

extension Span<UInt8> {
  /// Appends the text of a range of JSON that has been checked, there being room for it.
  fileprivate func decode(
    _ range: Range<Int>, _ mended: MendedEscapes?, _ backslashes: borrowing Backslashes,
    _ refused: RefusedText, to tail: inout OutputSpan<UInt8>
  ) -> Int {
    var count = 0
    var at = range.lowerBound
    let end = range.upperBound
    // Of a document that was indexed in pieces, it is known of the last one alone.
    let isKnown = backslashes.range.contains(range)
    while let backslash = isKnown
      ? backslashes.first(in: at..<end) : firstIndex(of: UInt8(ascii: "\\"), in: at..<end)
    {
      tail.append(at..<backslash, of: self)
      at = backslash + 2
      switch self[backslash + 1] {
      case UInt8(ascii: "n"): tail.append(0x0A)
      case UInt8(ascii: "t"): tail.append(0x09)
      case UInt8(ascii: "r"): tail.append(0x0D)
      case UInt8(ascii: "b"): tail.append(0x08)
      case UInt8(ascii: "f"): tail.append(0x0C)
      case UInt8(ascii: "u"):
        // The digits were checked when the entry was made.
        let unit = TapeBuilder.codeUnit(backslash, end, of: self) ?? 0
        at = backslash + 6
        if unit & 0xFC00 == 0xD800,
          let low = TapeBuilder.lowHalf(at, end, of: self, mended: mended)
        {
          tail.appendScalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
          at += 6
        } else if unit == 0 || unit & 0xF800 == 0xD800 {
          count += 1
          tail.append(refusedUnit: unit, refused)
        } else {
          tail.appendScalar(unit)
        }
      case let literal: tail.append(literal)
      }
    }
    tail.append(at..<end, of: self)
    return count
  }
}

extension OutputSpan<UInt8> {
  /// Appends a code point as UTF-8; a surrogate takes its three-byte form.
  mutating func appendScalar(_ value: UInt32) {
    switch value {
    case 0..<0x80:
      append(UInt8(value))
    case 0x80..<0x800:
      append(UInt8(0xC0 | value >> 6))
      append(UInt8(0x80 | value & 0x3F))
    case 0x800..<0x10000:
      append(UInt8(0xE0 | value >> 12))
      append(UInt8(0x80 | value >> 6 & 0x3F))
      append(UInt8(0x80 | value & 0x3F))
    default:
      append(UInt8(0xF0 | value >> 18))
      append(UInt8(0x80 | value >> 12 & 0x3F))
      append(UInt8(0x80 | value >> 6 & 0x3F))
      append(UInt8(0x80 | value & 0x3F))
    }
  }

  fileprivate mutating func append(refusedUnit unit: UInt32, _ refused: RefusedText) {
    switch refused {
    case .keep: appendScalar(unit)
    case .replace: appendScalar(0xFFFD)
    case .mark: appendEscape(unit)
    }
  }

  /// Appends `\uXXXX` in letters.
  mutating func appendEscape(_ unit: UInt32) {
    append(UInt8(ascii: "\\"))
    append(UInt8(ascii: "u"))
    for shift in [12, 8, 4, 0] as [UInt32] {
      let digit = UInt8(unit >> shift & 0xF)
      append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
    }
  }
}

extension [UInt8] {
  /// Appends `\uXXXX` in letters.
  mutating func appendEscape(_ unit: UInt32) {
    append(addingCapacity: 6) { $0.appendEscape(unit) }
  }

  /// Appends text as a JSON string with its quotes; only what JSON demands is escaped.
  mutating func appendJSONString(_ text: some Collection<UInt8>) {
    append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case 0x0A: append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
      case 0x0D: append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
      case 0x09: append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
      case 0x08: append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "b")])
      case 0x0C: append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "f")])
      case 0..<0x20: appendEscape(UInt32(byte))
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
