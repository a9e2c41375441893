/// Values of records that others wrote.
extension ManifestReader {
  /// The text of a field; nil where there is none, or an empty one.
  func text(_ name: StaticString) -> [UInt8]? {
    guard let value = parser.tape.present(parser.tape.root, name),
      parser.tape.kind(value) == .string, !parser.tape.isBlank(value)
    else { return nil }
    return parser.tape.decoded(value)
  }

  /// A whole number, which CSV has as text.
  func number(_ name: StaticString) -> Int? {
    guard let value = parser.tape.present(parser.tape.root, name) else { return nil }
    switch parser.tape.kind(value) {
    case .number, .string: return Int(String(decoding: parser.tape.decoded(value), as: UTF8.self))
    default: return nil
    }
  }

  /// The last name of a path of any system.
  static func lastName(_ path: [UInt8]) -> String? {
    path.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// When an entry says that something was, told where it cannot be read, or has no zone; nil where there is
  /// none to take.
  mutating func time(
    _ name: StaticString, _ form: ManifestForm, _ origin: ManifestOrigin
  ) -> Timestamp? {
    guard let value = parser.tape.present(parser.tape.root, name),
      parser.tape.kind(value) != .string || !parser.tape.isBlank(value)
    else { return nil }
    guard let time = parser.tape.time(value, in: zones[form]) else {
      remark(.timeMissing, origin, "\(name) cannot be read as a time", field: "\(name)")
      return nil
    }
    if let naive = time.naive { remark(naive.rule, origin, naive.text, field: "\(name)") }
    return time.instant
  }

  /// The object on the tape as the target can hold it, without some of its members and those that are null.
  ///
  /// `replaced` has other values for members, as JSON.
  func object(
    without used: [JSONValue?] = [], replacing replaced: [(JSONValue, [UInt8])] = []
  ) -> [UInt8] {
    object(parser.tape.root, without: used, replacing: replaced)
  }

  /// The same of any object on the tape.
  func object(
    _ root: JSONValue, without used: [JSONValue?], replacing replaced: [(JSONValue, [UInt8])] = []
  ) -> [UInt8] {
    var names = UniqueNames()
    var out: [UInt8] = [UInt8(ascii: "{")]
    parser.tape.forEachMember(root) { key, value in
      guard !used.contains(value), !parser.tape.isNull(value) else { return }
      if out.count > 1 { out.append(UInt8(ascii: ",")) }
      var name: [UInt8] = []
      parser.tape.appendDecoded(key, refused: .replace, to: &name)
      out.appendJSONString(names.unused(name))
      out.append(UInt8(ascii: ":"))
      if let own = replaced.first(where: { $0.0 == value })?.1 {
        out += own
      } else {
        _ = parser.tape.appendFitJSON(value, refused: .replace, to: &out)
      }
    }
    return out + [UInt8(ascii: "}")]
  }
}
