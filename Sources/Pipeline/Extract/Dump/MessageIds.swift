internal import Archive

/// Ids of the messages of dumps with the conversation each is of, to find those that are of two.
///
/// Memory: 4 MiB, and a 256th part of all of them at the end, of which each is 32 bytes.
struct MessageIds: ~Copyable {
  private struct Entry {
    let id: RowId
    /// Hash of the conversation's id.
    let conversation: UInt64
    /// Says which of two stands first in the inputs.
    let position: UInt64
  }

  private static let wordCount = 4

  private var entries: PartedWords

  /// - Parameters:
  ///   - directory: takes what is too much for memory.
  ///   - entryLimit: ids held in memory.
  init(directory: String, entryLimit: Int = 1 << 17) {
    entries = PartedWords(directory: directory, wordLimit: Self.wordCount * entryLimit)
  }

  mutating func add(_ id: RowId, of conversation: UInt64, at place: Place) throws(FileError) {
    try entries.add(to: id.low) { words in
      words.append(id.high)
      words.append(id.low)
      words.append(conversation)
      words.append(UInt64(truncatingIfNeeded: Int(place.input) << 40 | place.byteOffset))
    }
  }

  /// Finds the ids that messages of several conversations have.
  func repeated() throws(FileError) -> RepeatedMessageIds {
    var found = RepeatedMessageIds()
    for part in 0..<PartedWords.partCount {
      let words = try entries.words(of: part)
      let entries = stride(from: 0, to: words.count, by: Self.wordCount).map { at in
        Entry(
          id: RowId(high: words[at], low: words[at + 1]), conversation: words[at + 2],
          position: words[at + 3])
      }
      Self.find(entries, &found)
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
