/// Finds which of a few known keys a JSON key is, with one comparison and without making a String.
///
/// `Field` is an enum whose raw values are the keys' texts.
struct KeyTable<Field: RawRepresentable & CaseIterable & Sendable>: Sendable
where Field.RawValue == String {
  private struct Slot: Sendable {
    var name: [UInt8]
    var field: Field
  }

  private let slots: [[Slot]]

  init() {
    var slots: [[Slot]] = Array(repeating: [], count: 64)
    for field in Field.allCases {
      let name = Array(field.rawValue.utf8)
      slots[Self.hash(name[...])].append(Slot(name: name, field: field))
    }
    self.slots = slots
  }

  private static func hash(_ name: ArraySlice<UInt8>) -> Int {
    guard let first = name.first, let last = name.last else { return 0 }
    let mixed = UInt32(first) &* 7 &+ UInt32(last) &* 31 &+ UInt32(truncatingIfNeeded: name.count)
    return Int(mixed & 63)
  }

  /// The field a key names; nil for keys that are not in the table.
  func field(_ key: JSONValue, of tape: borrowing JSONTape) -> Field? {
    let entry = tape[key]
    let name =
      entry.flags.contains(.escaped)
      ? tape.decoded(key)[...] : tape.bytes[Int(entry.start)..<Int(entry.end)]
    for slot in slots[Self.hash(name)] where name.elementsEqual(slot.name) { return slot.field }
    return nil
  }
}
