/// JSON as the product's writer made it, which jsonb does not keep: a space behind each comma and colon, and of
/// an output its `type` before its `text`, where jsonb sorts keys by their length.
enum WrittenJSON {
  /// The text of a value.
  static func text(_ value: JSONValue, of tape: borrowing JSONTape) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(tape.sourceRange(value).count)
    append(value, of: tape, to: &out)
    return out
  }

  private static func append(
    _ value: JSONValue, of tape: borrowing JSONTape, to out: inout [UInt8]
  ) {
    switch tape.kind(value) {
    case .object:
      var members: [(key: JSONValue, value: JSONValue)] = []
      tape.forEachMember(value) { key, value in members.append((key, value)) }
      if members.count == 2, tape.equals(members[0].key, "text"),
        tape.equals(members[1].key, "type")
      {
        members.swapAt(0, 1)
      }
      out.append(UInt8(ascii: "{"))
      for (number, member) in members.enumerated() {
        if number > 0 { out.append(staticText: ", ") }
        out.appendJSONString(tape.decoded(member.key).span, 0..<tape.decoded(member.key).count)
        out.append(staticText: ": ")
        append(member.value, of: tape, to: &out)
      }
      out.append(UInt8(ascii: "}"))
    case .array:
      out.append(UInt8(ascii: "["))
      var isFirst = true
      tape.forEachElement(value) { element in
        if !isFirst { out.append(staticText: ", ") }
        isFirst = false
        append(element, of: tape, to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .string, .key:
      let text = tape.decoded(value)
      out.appendJSONString(text.span, 0..<text.count)
    default: out.append(contentsOf: tape.bytes[tape.sourceRange(value)])
    }
  }
}
