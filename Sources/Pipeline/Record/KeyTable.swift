/// Finds which of a few known keys a JSON key is, with one comparison and without making a String.
///
/// `Field` is an enum whose raw values are the keys' texts.
struct KeyTable<Field: RawRepresentable & CaseIterable & Sendable>: Sendable
where Field.RawValue == String {
  /// What keys are told apart by: most have sixteen bytes at most, and these are all of them.
  private struct Name: Equatable {
    var count: Int
    /// The first eight bytes, filled up with zeros.
    var head: UInt64
    /// The last eight, where there are as many.
    var tail: UInt64

    @inline(__always)
    init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
      count = range.count
      if count >= 8 {
        head = bytes.word(at: range.lowerBound)
        tail = bytes.word(at: range.upperBound - 8)
      } else if range.lowerBound + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.word(at: range.lowerBound))
        head = (word & ~(~0 << UInt64(count * 8))).littleEndian
        tail = 0
      } else {
        var word: UInt64 = 0
        for place in range.reversed() { word = word << 8 | UInt64(bytes[place]) }
        head = word.littleEndian
        tail = 0
      }
    }

    @inline(__always)
    func hash(bits: UInt64) -> Int {
      let mixed = (head ^ tail &* 31 ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15
      return Int(truncatingIfNeeded: mixed >> (64 - bits))
    }
  }

  private struct Slot {
    var name: Name
    /// Where in ``text`` the name is; -1 of a free place.
    var start: Int
    var field: Field
  }

  private let text: [UInt8]
  /// Each field is at its name's hash, or at the next place that was free; half of the places stay free.
  private let slots: [Slot]
  private let bits: UInt64

  init() {
    var bits: UInt64 = 3
    while 1 << bits < Field.allCases.count * 2 { bits += 1 }
    var text: [UInt8] = []
    var slots: [Slot] = []
    for field in Field.allCases {
      let start = text.count
      text += field.rawValue.utf8
      let name = Name(text.span, start..<text.count)
      if slots.isEmpty {
        let free = Slot(name: name, start: -1, field: field)
        slots = Array(repeating: free, count: 1 << bits)
      }
      var place = name.hash(bits: bits)
      while slots[place].start >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = Slot(name: name, start: start, field: field)
    }
    (self.text, self.slots, self.bits) = (text, slots, bits)
  }

  /// The field a key names; nil for keys that are not in the table.
  func field(_ key: JSONValue, of tape: borrowing JSONTape) -> Field? {
    let entry = tape[key]
    guard entry.flags.contains(.escaped) else {
      return field(tape.bytes.span, Int(entry.start)..<Int(entry.end))
    }
    let name = tape.decoded(key)
    return field(name.span, 0..<name.count)
  }

  private func field(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Field? {
    let name = Name(bytes, range)
    var place = name.hash(bits: bits)
    while slots[place].start >= 0 {
      let slot = slots[place]
      if slot.name == name, range.count <= 16 || bytes.matches(range, text.span, at: slot.start) {
        return slot.field
      }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }
}
