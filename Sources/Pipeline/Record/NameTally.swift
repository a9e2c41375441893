/// How often each name occurs in a batch, by its bytes: no string is made of any of them.
///
/// Its memory is kept from batch to batch; names beyond ``nameLimit`` are counted together.
struct NameTally: Sendable {
  /// Different names told apart in one batch.
  static let nameLimit = 4096
  /// Bytes of the longest name that is told from others.
  static let lengthLimit = 200

  private struct Entry {
    var start: Int
    var length: Int
    var count: Int
  }

  /// Mentions without a name.
  private(set) var absent = 0
  /// Mentions of names that are too long, or one too many.
  private(set) var others = 0
  /// Whether names were one too many, so that mentions of one told apart elsewhere are among `others`.
  private(set) var isOverfull = false
  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Open addressing: 1 + index of an entry, 0 where free; a power of two, at most half full.
  private var slots: [Int32] = Array(repeating: 0, count: 64)
  private var last = -1

  mutating func countAbsent() { absent += 1 }

  /// Counts one mention.
  mutating func count(_ name: borrowing Span<UInt8>) {
    // Messages that follow each other often agree.
    if last >= 0, holds(last, name) {
      entries[last].count += 1
      return
    }
    guard name.count <= Self.lengthLimit else {
      others += 1
      return
    }
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if holds(index, name) {
        entries[index].count += 1
        last = index
        return
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    add(name, at: slot)
  }

  private mutating func add(_ name: borrowing Span<UInt8>, at slot: Int) {
    guard entries.count < Self.nameLimit else {
      others += 1
      isOverfull = true
      return
    }
    let start = bytes.count
    for index in name.indices { bytes.append(name[index]) }
    entries.append(Entry(start: start, length: name.count, count: 1))
    last = entries.count - 1
    slots[slot] = Int32(entries.count)
    if entries.count * 2 > slots.count { grow() }
  }

  private mutating func grow() {
    var grown: [Int32] = Array(repeating: 0, count: slots.count * 2)
    for (index, entry) in entries.enumerated() {
      let name = bytes.span.extracting(entry.start..<entry.start + entry.length)
      var slot = Self.hash(name) & (grown.count - 1)
      while grown[slot] != 0 { slot = (slot + 1) & (grown.count - 1) }
      grown[slot] = Int32(index + 1)
    }
    slots = grown
  }

  private func holds(_ index: Int, _ name: borrowing Span<UInt8>) -> Bool {
    let entry = entries[index]
    guard entry.length == name.count else { return false }
    for offset in name.indices where bytes[entry.start + offset] != name[offset] { return false }
    return true
  }

  /// Of the length and some bytes from either end: a table of names is small, and they are compared whole.
  private static func hash(_ name: borrowing Span<UInt8>) -> Int {
    var hash = UInt64(truncatingIfNeeded: name.count) &+ 0x9E37_79B9_7F4A_7C15
    for offset in 0..<min(8, name.count) {
      hash = (hash ^ UInt64(name[offset])) &* 0x0000_0100_0000_01B3
      hash = (hash ^ UInt64(name[name.count - 1 - offset])) &* 0x0000_0100_0000_01B3
    }
    return Int(truncatingIfNeeded: (hash ^ hash >> 29) & 0x7FFF_FFFF)
  }

  /// Calls `body` with each name and its mentions, in the order they were first met.
  func forEach(_ body: ([UInt8], Int) -> Void) {
    for entry in entries {
      body(Array(bytes[entry.start..<entry.start + entry.length]), entry.count)
    }
  }

  mutating func clear() {
    (absent, others, isOverfull, last) = (0, 0, false, -1)
    guard !entries.isEmpty else { return }
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    slots = Array(repeating: 0, count: 64)
  }
}

extension NameTally {
  /// Counts a text of a draft.
  mutating func count(_ text: DraftText, of tape: borrowing JSONTape) {
    switch text {
    case .absent, .parts: absent += 1
    case .bytes(let name): count(name.span)
    case .value(let value): count(value, of: tape)
    }
  }

  /// Counts a string or a key; anything else counts as no name.
  mutating func count(_ value: JSONValue, of tape: borrowing JSONTape) {
    let entry = tape[value]
    guard entry.kind == .string || entry.kind == .key else {
      absent += 1
      return
    }
    guard !entry.flags.contains(.escaped) else {
      count(tape.decoded(value).span)
      return
    }
    count(tape.bytes.span.extracting(Int(entry.start)..<Int(entry.end)))
  }
}
