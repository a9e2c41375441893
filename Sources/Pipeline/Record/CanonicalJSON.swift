internal import Crypto

/// Canonical text of a JSON value, for ids of records that carry none: keys sorted by their bytes, no
/// white space, numbers as written, strings decoded and escaped again in the shortest way.
enum CanonicalJSON {
  /// SHA-256 of the canonical text.
  static func digest(_ value: JSONValue, of tape: borrowing JSONTape) -> [UInt8] {
    var text: [UInt8] = []
    append(value, of: tape, to: &text)
    var hash = SHA256()
    unsafe text.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    return Array(hash.finalize())
  }

  /// The canonical text before and after the elements of an array that are not on the tape.
  static func halves(
    _ value: JSONValue, around array: JSONValue, of tape: borrowing JSONTape
  ) -> (head: [UInt8], tail: [UInt8]) {
    var text: [UInt8] = []
    var middle: Int?
    append(value, of: tape, to: &text) { if $0 == array { middle = $1 } }
    return (Array(text[..<(middle ?? 0)]), Array(text[(middle ?? 0)...]))
  }

  static func append(_ value: JSONValue, of tape: borrowing JSONTape, to out: inout [UInt8]) {
    append(value, of: tape, to: &out) { _, _ in }
  }

  /// Appends a value; `opened` is told of every array and of the offset its elements begin at.
  private static func append(
    _ value: JSONValue, of tape: borrowing JSONTape, to out: inout [UInt8],
    opened: (JSONValue, Int) -> Void
  ) {
    switch tape.kind(value) {
    case .object:
      var members: [(name: [UInt8], value: JSONValue)] = []
      tape.forEachMember(value) { members.append((tape.decoded($0), $1)) }
      members.sort { left, right in
        left.name == right.name
          ? left.value.index < right.value.index : left.name.lexicographicallyPrecedes(right.name)
      }
      out.append(UInt8(ascii: "{"))
      for (position, member) in members.enumerated() {
        if position > 0 { out.append(UInt8(ascii: ",")) }
        out.appendJSONString(member.name)
        out.append(UInt8(ascii: ":"))
        append(member.value, of: tape, to: &out, opened: opened)
      }
      out.append(UInt8(ascii: "}"))
    case .array:
      out.append(UInt8(ascii: "["))
      opened(value, out.count)
      var isFirst = true
      tape.forEachElement(value) { element in
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        append(element, of: tape, to: &out, opened: opened)
      }
      out.append(UInt8(ascii: "]"))
    case .string, .key:
      out.appendJSONString(tape.decoded(value))
    case .number, .true_, .false_, .null:
      out.append(contentsOf: tape.bytes[tape.range(value)])
    }
  }
}

/// Lower-case hexadecimal digits of some bytes.
func hexText(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  let digits = Array("0123456789abcdef".utf8)
  return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
}
