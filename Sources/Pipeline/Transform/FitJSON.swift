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
      out.append(sourceRange(value), of: bytes)
      return 0
    }
    var changed = 0
    switch entry.kind {
    case .object:
      var names = UniqueNames()
      var chosen: [Int: [UInt8]] = [:]
      for claim in NameClaim.allCases {
        forEachMember(value) { key, _ in
          guard self.claim(key) == claim else { return }
          var name: [UInt8] = []
          changed += appendDecoded(key, refused: refused, to: &name)
          chosen[key.index] = names.unused(name)
        }
      }
      var isFirst = true
      out.append(UInt8(ascii: "{"))
      forEachMember(value) { key, member in
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        out.appendJSONString(chosen[key.index] ?? decoded(key))
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
      out.append(range(value), of: bytes)
    }
    return changed
  }
}

/// Who gets a name that several members of one object want, the first case first.
enum NameClaim: CaseIterable {
  /// The name is the key as the source has it.
  case own
  /// The name came of what the text policy made of the key.
  case changed
  /// A later key of the same name replaces it for ordinary readers.
  case shadowed
}

extension JSONTape {
  /// What claim a key has to its name.
  func claim(_ key: JSONValue) -> NameClaim {
    let flags = self[key].flags
    if flags.contains(.shadowed) { return .shadowed }
    return flags.isDisjoint(with: [.nul, .surrogate]) ? .own : .changed
  }
}

/// Names of one object's members; one that is taken gets a number, as in `name~1`.
struct UniqueNames {
  private var taken: Set<[UInt8]> = []
  /// Where to go on counting, so that a key that repeats thousands of times is not counted up each time.
  private var lastNumber: [[UInt8]: Int] = [:]

  mutating func reserve(_ name: [UInt8]) { taken.insert(name) }

  /// The name itself if it is free, else its first free variant; taken from then on.
  mutating func unused(_ name: [UInt8]) -> [UInt8] {
    if taken.insert(name).inserted { return name }
    var number = lastNumber[name] ?? 0
    var candidate: [UInt8]
    repeat {
      number += 1
      candidate = name + Array("~\(number)".utf8)
    } while !taken.insert(candidate).inserted
    lastNumber[name] = number
    return candidate
  }
}
