/// Finds which of a few known keys a JSON key is, with one comparison and without making a String.
///
/// `Field` is an enum whose raw values are the keys' texts.
struct KeyTable<Field: RawRepresentable & CaseIterable & Sendable>: Sendable
where Field.RawValue == String {
  private struct Slot: Sendable {
    var field: Field
    /// Where in ``names`` its text is.
    var start: Int
    var end: Int
  }

  private let names: [UInt8]
  /// In the order of their hashes; those of hash `h` are at `firstSlot[h]..<firstSlot[h + 1]`.
  private let slots: [Slot]
  private let firstSlot: [Int]

  init() {
    var names: [UInt8] = []
    var slots: [Slot] = []
    var firstSlot = [0]
    let fields = Field.allCases.map { field in
      let name = Array(field.rawValue.utf8)
      return (field: field, name: name, hash: Self.hash(name.span, 0..<name.count))
    }
    for hash in 0..<64 {
      for known in fields where known.hash == hash {
        let start = names.count
        names += known.name
        slots.append(Slot(field: known.field, start: start, end: names.count))
      }
      firstSlot.append(slots.count)
    }
    (self.names, self.slots, self.firstSlot) = (names, slots, firstSlot)
  }

  @inline(__always)
  private static func hash(_ bytes: borrowing Span<UInt8>, _ name: Range<Int>) -> Int {
    guard !name.isEmpty else { return 0 }
    let ends = UInt32(bytes[name.lowerBound]) &* 7 &+ UInt32(bytes[name.upperBound - 1]) &* 31
    return Int((ends &+ UInt32(truncatingIfNeeded: name.count)) & 63)
  }

  /// The field a key names; nil for keys that are not in the table.
  func field(_ key: JSONValue, of tape: borrowing JSONTape) -> Field? {
    guard tape[key].flags.contains(.escaped) else {
      return field(tape.bytes.span, tape.range(key))
    }
    let name = tape.decoded(key)
    return field(name.span, 0..<name.count)
  }

  private func field(_ bytes: borrowing Span<UInt8>, _ name: Range<Int>) -> Field? {
    let hash = Self.hash(bytes, name)
    let names = names.span
    for number in firstSlot[hash]..<firstSlot[hash + 1] {
      let slot = slots[number]
      if slot.end - slot.start == name.count, bytes.matches(name, names, at: slot.start) {
        return slot.field
      }
    }
    return nil
  }
}
