/// Records of tool-call logs as elements of the record that their day becomes.
///
/// An element is `{"latency", "record"}`: milliseconds, where the record has seconds, and its own bytes.
extension CallComposer {
  /// What a record says of where it belongs.
  struct LoggedRecord {
    /// When it was; nil where it does not say.
    var time: Timestamp?
    /// What it has in common with the other record of its call; nil where there is none.
    var pair: [UInt8]?
    var isBeginning: Bool
    var isEnd: Bool
  }

  /// What the record in a range says; nil where it is none of a tool call.
  mutating func logged(_ bytes: [UInt8], _ range: Range<Int>) -> LoggedRecord? {
    guard parser.parse(bytes, range) == nil,
      let call = LoggedCall(parser.tape.root, of: parser.tape)
    else { return nil }
    return LoggedRecord(
      time: call.time.flatMap { time in
        parser.tape.kind(time) == .number
          ? Timestamp(epochNumber: parser.tape.bytes.span.extracting(parser.tape.range(time))) : nil
      },
      pair: call.pair(of: parser.tape), isBeginning: call.isBeginning, isEnd: call.isEnd)
  }

  /// Appends an element; where in `out` the record's own bytes are.
  mutating func appendLogged(_ bytes: [UInt8], to out: inout [UInt8]) -> Range<Int> {
    out.append(UInt8(ascii: "{"))
    if parser.parse(bytes, 0..<bytes.count) == nil {
      let root = parser.tape.root
      let seconds =
        parser.tape.present(root, "duration_s") ?? parser.tape.present(root, "duration_secs")
      if let seconds, parser.tape.kind(seconds) == .number {
        out.append(contentsOf: #""latency":"#.utf8)
        out.append(contentsOf: Self.thousandfold(parser.tape.bytes[parser.tape.range(seconds)]))
        out.append(UInt8(ascii: ","))
      }
    }
    out.append(contentsOf: #""record":"#.utf8)
    let start = out.count
    out.append(contentsOf: bytes)
    let range = start..<out.count
    out.append(UInt8(ascii: "}"))
    return range
  }

  /// A number times a thousand, by its exponent: not a digit of it changes.
  static func thousandfold(_ number: ArraySlice<UInt8>) -> [UInt8] {
    let parts = number.split(maxSplits: 1) { $0 | 0x20 == UInt8(ascii: "e") }
    let written = parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) : 0
    guard let mantissa = parts.first, let exponent = written, abs(exponent) < 1_000 else {
      return Array(number)
    }
    return Array(mantissa) + Array("e\(exponent + 3)".utf8)
  }
}
