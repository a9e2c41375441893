/// Turns UTF-16 into UTF-8 piece by piece; code units and pairs may be cut anywhere.
struct UTF16Transcoder: Sendable {
  /// Lone surrogates, and a last odd byte, that became U+FFFD.
  private(set) var replacedCharacters = 0
  private let isBigEndian: Bool
  private var oddByte: UInt8?
  private var highSurrogate: UInt16?

  init(isBigEndian: Bool) {
    self.isBigEndian = isBigEndian
  }

  /// Appends the UTF-8 of all characters that `bytes` completes.
  mutating func transcode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
    // Each unit becomes at most three bytes, and so does a surrogate held back from before.
    output.append(addingCapacity: (bytes.count + 1) / 2 * 3 + 3) { tail in
      var index = 0
      if let first = oddByte, index < bytes.count {
        oddByte = nil
        append(unit(first, bytes[0]), to: &tail)
        index = 1
      }
      while index + 1 < bytes.count {
        append(unit(bytes[index], bytes[index + 1]), to: &tail)
        index += 2
      }
      if index < bytes.count { oddByte = bytes[index] }
    }
  }

  /// Ends the text: what is still held back will not be completed.
  mutating func finish(into output: inout [UInt8]) {
    output.append(addingCapacity: 6) { tail in
      if highSurrogate != nil { replace(in: &tail) }
      if oddByte != nil { replace(in: &tail) }
    }
    highSurrogate = nil
    oddByte = nil
  }

  private func unit(_ first: UInt8, _ second: UInt8) -> UInt16 {
    isBigEndian
      ? UInt16(first) << 8 | UInt16(second)
      : UInt16(second) << 8 | UInt16(first)
  }

  private mutating func append(_ unit: UInt16, to output: inout OutputSpan<UInt8>) {
    if let high = highSurrogate {
      highSurrogate = nil
      if unit & 0xFC00 == 0xDC00 {
        let scalar = 0x10000 + (UInt32(high & 0x3FF) << 10 | UInt32(unit & 0x3FF))
        output.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
        output.append(continuation(scalar >> 12))
        output.append(continuation(scalar >> 6))
        output.append(continuation(scalar))
        return
      }
      replace(in: &output)
    }
    let scalar = UInt32(unit)
    switch unit {
    case 0..<0x80:
      output.append(UInt8(truncatingIfNeeded: unit))
    case 0x80..<0x800:
      output.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      output.append(continuation(scalar))
    case 0xD800..<0xDC00:
      highSurrogate = unit
    case 0xDC00..<0xE000:
      replace(in: &output)
    default:
      output.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      output.append(continuation(scalar >> 6))
      output.append(continuation(scalar))
    }
  }

  private func continuation(_ bits: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: 0x80 | bits & 0x3F)
  }

  private mutating func replace(in output: inout OutputSpan<UInt8>) {
    replacedCharacters += 1
    output.append(0xEF)
    output.append(0xBF)
    output.append(0xBD)
  }
}
