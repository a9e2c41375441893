internal import Archive

/// Ids of the messages of dumps with the conversation each is of, to find those that are of two.
///
/// As many as fit are in memory, others in a file without a name: 32 bytes each.
struct MessageIds: ~Copyable {
  private struct Entry {
    let id: RowId
    /// Hash of the conversation's id.
    let conversation: UInt64
    /// Says which of two stands first in the inputs.
    let position: UInt64
  }

  private static let entryBytes = 32
  private static let partCount = 256

  private let directory: String
  private let entryLimit: Int
  private var parts: [[Entry]] = Array(repeating: [], count: partCount)
  private var count = 0
  private var file: ScratchFile?
  /// Where in the file each part's entries are.
  private var blocks: [[Range<Int>]] = Array(repeating: [], count: partCount)

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - entryLimit: ids held in memory.
  init(directory: String, entryLimit: Int = 1 << 17) {
    self.directory = directory
    self.entryLimit = entryLimit
  }

  mutating func add(_ id: RowId, of conversation: UInt64, at place: Place) throws(FileError) {
    let position = UInt64(truncatingIfNeeded: Int(place.input) << 40 | place.byteOffset)
    parts[Int(id.low & 0xFF)].append(
      Entry(id: id, conversation: conversation, position: position))
    count += 1
    if count >= entryLimit { try spill() }
  }

  /// Finds the ids that messages of several conversations have.
  func repeated() throws(FileError) -> RepeatedMessageIds {
    var found = RepeatedMessageIds()
    for part in parts.indices {
      var entries: [Entry] = []
      for block in blocks[part] { try read(block, into: &entries) }
      Self.find(entries + parts[part], &found)
    }
    return found
  }

  private static func find(_ entries: [Entry], _ found: inout RepeatedMessageIds) {
    // Open addressing with at least half the places free; a place holds an entry's number plus one.
    var capacity = 16
    while capacity < 2 * entries.count { capacity *= 2 }
    var places = [Int32](repeating: 0, count: capacity)
    var several: [Entry] = []
    for (number, entry) in entries.enumerated() {
      let mixed = (entry.id.low ^ entry.id.high) &* 0x9E37_79B9_7F4A_7C15
      var place = Int(truncatingIfNeeded: mixed >> 32) & (capacity - 1)
      while places[place] != 0, entries[Int(places[place]) - 1].id != entry.id {
        place = (place + 1) & (capacity - 1)
      }
      guard places[place] != 0 else {
        places[place] = Int32(number + 1)
        continue
      }
      let first = entries[Int(places[place]) - 1]
      if first.conversation != entry.conversation { several += [first, entry] }
    }
    several.sort { ($0.id.high, $0.id.low, $0.position) < ($1.id.high, $1.id.low, $1.position) }
    var first: Entry?
    for entry in several {
      if first?.id != entry.id { first = entry }
      if entry.conversation != first?.conversation { found.insert(entry.id, entry.conversation) }
    }
  }

  private mutating func spill() throws(FileError) {
    var scratch: ScratchFile
    if let made = file.take() {
      scratch = made
    } else {
      scratch = try ScratchFile(in: directory)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * Self.entryBytes)
    for part in parts.indices where !parts[part].isEmpty {
      let start = scratch.size + bytes.count
      for entry in parts[part] {
        bytes.append(little: entry.id.high)
        bytes.append(little: entry.id.low)
        bytes.append(little: entry.conversation)
        bytes.append(little: entry.position)
      }
      blocks[part].append(start..<scratch.size + bytes.count)
      parts[part].removeAll(keepingCapacity: true)
    }
    try scratch.append(bytes.span)
    file = consume scratch
    count = 0
  }

  private func read(_ block: Range<Int>, into entries: inout [Entry]) throws(FileError) {
    guard let bytes = try file?.bytes(at: block.lowerBound, count: block.count) else { return }
    for start in stride(from: 0, to: bytes.count, by: Self.entryBytes) {
      func word(_ number: Int) -> UInt64 {
        bytes.span.little(at: start + 8 * number, as: UInt64.self)
      }
      entries.append(
        Entry(
          id: RowId(high: word(0), low: word(1)), conversation: word(2), position: word(3)))
    }
  }
}

/// Ids that messages of several conversations have, which one row alone can keep: that of the conversation where
/// it stands first.
///
/// Memory: some 50 bytes for each message whose row does not keep it.
struct RepeatedMessageIds: Sendable {
  private struct Message: Hashable {
    let id: RowId
    let conversation: UInt64
  }

  private var messages: Set<Message> = []

  var isEmpty: Bool { messages.isEmpty }

  fileprivate mutating func insert(_ id: RowId, _ conversation: UInt64) {
    messages.insert(Message(id: id, conversation: conversation))
  }

  /// Whether a message of a conversation has an id that one of another conversation keeps.
  func contains(_ id: RowId, of conversation: UInt64) -> Bool {
    messages.contains(Message(id: id, conversation: conversation))
  }
}
