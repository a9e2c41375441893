/// A value on a ``JSONTape``: an index, meaningful only together with the tape and until its next parse.
struct JSONValue: Equatable {
  /// Half a word: drafts hold a dozen of them for each message.
  private let place: UInt32

  init(index: Int) { place = UInt32(truncatingIfNeeded: index) }

  var index: Int { Int(place) }
}

extension JSONTape {
  func kind(_ value: JSONValue) -> Kind { self[value].kind }

  func isNull(_ value: JSONValue) -> Bool { self[value].kind == .null }

  /// Source range of a value; of a string, without its quotes.
  func range(_ value: JSONValue) -> Range<Int> {
    let entry = self[value]
    return Int(entry.start)..<Int(entry.end)
  }

  /// Source range of a value as JSON text; of a string, with its quotes.
  func sourceRange(_ value: JSONValue) -> Range<Int> {
    let entry = self[value]
    let quotes = entry.kind == .string || entry.kind == .key ? 1 : 0
    return Int(entry.start) - quotes..<Int(entry.end) + quotes
  }

  /// Calls `body` with each key and value of an object, in source order, shadowed ones included.
  func forEachMember(
    _ object: JSONValue, _ body: (_ key: JSONValue, _ value: JSONValue) throws -> Void
  ) rethrows {
    let entry = self[object]
    guard entry.kind == .object else { return }
    var index = object.index + 1
    while index < Int(entry.next) {
      try body(JSONValue(index: index), JSONValue(index: index + 1))
      index = Int(self[JSONValue(index: index + 1)].next)
    }
  }

  /// Calls `body` with each element of an array.
  func forEachElement(_ array: JSONValue, _ body: (JSONValue) throws -> Void) rethrows {
    let entry = self[array]
    guard entry.kind == .array else { return }
    var index = array.index + 1
    while index < Int(entry.next) {
      try body(JSONValue(index: index))
      index = Int(self[JSONValue(index: index)].next)
    }
  }

  /// Number of elements of an array or members of an object.
  func count(_ container: JSONValue) -> Int {
    var count = 0
    switch kind(container) {
    case .object: forEachMember(container) { _, _ in count += 1 }
    case .array: forEachElement(container) { _ in count += 1 }
    default: break
    }
    return count
  }

  /// The value of a key, the last one where it repeats; nil when absent.
  func member(_ object: JSONValue, _ name: StaticString) -> JSONValue? {
    var found: JSONValue?
    forEachMember(object) { key, value in
      if equals(key, name) { found = value }
    }
    return found
  }

  /// The value of a key unless it is absent or null.
  func present(_ object: JSONValue, _ name: StaticString) -> JSONValue? {
    member(object, name).flatMap { isNull($0) ? nil : $0 }
  }

  /// Whether a string or key reads as `text`, however it is escaped.
  func equals(_ value: JSONValue, _ text: StaticString) -> Bool {
    let entry = self[value]
    let length = text.utf8CodeUnitCount
    guard entry.kind == .string || entry.kind == .key else { return false }
    guard !entry.flags.contains(.escaped) else {
      return unsafe decoded(value).elementsEqual(
        UnsafeBufferPointer(start: text.utf8Start, count: length))
    }
    guard Int(entry.end - entry.start) == length else { return false }
    for offset in 0..<length
    where unsafe bytes[Int(entry.start) + offset] != text.utf8Start[offset] {
      return false
    }
    return true
  }

  /// The bytes a string stands for, with lone surrogates in their three-byte form (as WTF-8 has it).
  func decoded(_ value: JSONValue) -> [UInt8] {
    var out: [UInt8] = []
    appendDecoded(value, to: &out)
    return out
  }

  /// Whether a string is empty or only JSON's white space, however that is escaped.
  func isBlank(_ value: JSONValue) -> Bool {
    let rest = bytes.trimmed(range(value))
    guard !rest.isEmpty else { return true }
    // Only an escape can stand for white space; a text that begins with anything else is not decoded.
    guard bytes[rest.lowerBound] == UInt8(ascii: "\\") else { return false }
    return decoded(value).allSatisfy(isJSONSpace)
  }
}
