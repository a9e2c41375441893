extension JSONTape {
  /// Appends a value as JSON that jsonb takes: the source bytes themselves wherever they are fit.
  ///
  /// Elsewhere the text policy is applied, a number numeric cannot hold becomes text, and of a key that
  /// repeats the earlier values are kept under `key~1`, `key~2` (jsonb would keep only the last).
  ///
  /// - Returns: characters the text policy changed.
  @discardableResult
  func appendFitJSON(
    _ value: JSONValue, refused: RefusedText, to out: inout [UInt8]
  ) -> Int {
    let entry = self[value]
    guard !entry.flags.isDisjoint(with: .unfit) else {
      out.append(contentsOf: bytes[sourceRange(value)])
      return 0
    }
    var changed = 0
    switch entry.kind {
    case .object:
      var names = UniqueNames()
      var isFirst = true
      forEachMember(value) { key, _ in
        if !self[key].flags.contains(.shadowed) { names.reserve(decoded(key)) }
      }
      out.append(UInt8(ascii: "{"))
      forEachMember(value) { key, member in
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        var name: [UInt8] = []
        changed += appendDecoded(key, refused: refused, to: &name)
        if self[key].flags.contains(.shadowed) { name = names.unused(name) }
        out.appendJSONString(name)
        out.append(UInt8(ascii: ":"))
        changed += appendFitJSON(member, refused: refused, to: &out)
      }
      out.append(UInt8(ascii: "}"))
    case .array:
      var isFirst = true
      out.append(UInt8(ascii: "["))
      forEachElement(value) { element in
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        changed += appendFitJSON(element, refused: refused, to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .string, .key:
      var text: [UInt8] = []
      changed += appendDecoded(value, refused: refused, to: &text)
      out.appendJSONString(text)
    case .number:
      out.appendJSONString(bytes[range(value)])
    case .true_, .false_, .null:
      out.append(contentsOf: bytes[range(value)])
    }
    return changed
  }
}

/// Names of one object's members; a name that is taken gets `~1`, `~2` and so on.
struct UniqueNames {
  private var taken: Set<[UInt8]> = []

  mutating func reserve(_ name: [UInt8]) { taken.insert(name) }

  /// The name itself if it is free, else its first free variant; taken from then on.
  mutating func unused(_ name: [UInt8]) -> [UInt8] {
    var candidate = name
    var number = 0
    while !taken.insert(candidate).inserted {
      number += 1
      candidate = name + Array("~\(number)".utf8)
    }
    return candidate
  }
}
