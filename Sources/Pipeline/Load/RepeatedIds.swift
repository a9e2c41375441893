internal import Archive
internal import Postgres

/// Finds the ids a run makes more than once, exactly and in bounded memory, however many there are.
///
/// Ids are put into parts by their last byte. What exceeds `entryLimit` goes to a file without a name, 20
/// bytes an id: ten million take 200 MB of it, 6 MiB of memory while the run goes on, and 2 MiB a part at
/// the end.
struct RepeatedIds: ~Copyable, Sendable {
  /// One time an id was made.
  private struct Entry {
    let id: RowId
    let input: Int32
  }

  private static let entryBytes = 20

  private let directory: String
  private let entryLimit: Int
  private var parts: [[Entry]] = Array(repeating: [], count: 256)
  private var count = 0
  private var file: ScratchFile?
  /// Where in the file each part's entries are.
  private var blocks: [[Range<Int>]] = Array(repeating: [], count: 256)

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - entryLimit: ids held in memory.
  init(directory: String, entryLimit: Int = 1 << 18) {
    self.directory = directory
    self.entryLimit = entryLimit
  }

  /// Adds the rows that count.
  mutating func add(_ rows: [EncodedRow]) throws(FileError) {
    for row in rows where row.isCounted {
      parts[Int(row.id.low & 0xFF)].append(Entry(id: row.id, input: row.place.input))
      count += 1
    }
    if count >= entryLimit { try spill() }
  }

  /// How many ids of each input had been there before.
  func perInput() throws(FileError) -> [Int32: Int] {
    var repeated: [Int32: Int] = [:]
    for part in parts.indices {
      var entries: [Entry] = []
      for block in blocks[part] { try read(block, into: &entries) }
      entries += parts[part]
      Self.count(entries, into: &repeated)
    }
    return repeated
  }

  private static func count(_ entries: [Entry], into repeated: inout [Int32: Int]) {
    // Open addressing with at least half the places free; a place holds an entry's number plus one.
    var capacity = 16
    while capacity < 2 * entries.count { capacity *= 2 }
    var places = [Int32](repeating: 0, count: capacity)
    for (number, entry) in entries.enumerated() {
      let mixed = (entry.id.low ^ entry.id.high) &* 0x9E37_79B9_7F4A_7C15
      var place = Int(truncatingIfNeeded: mixed >> 32) & (capacity - 1)
      while places[place] != 0, entries[Int(places[place]) - 1].id != entry.id {
        place = (place + 1) & (capacity - 1)
      }
      if places[place] == 0 {
        places[place] = Int32(number + 1)
      } else {
        repeated[entry.input, default: 0] += 1
      }
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
        bytes.append(bigEndian: entry.id.high)
        bytes.append(bigEndian: entry.id.low)
        bytes.append(bigEndian: entry.input)
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
    func number(_ start: Int, _ length: Int) -> UInt64 {
      bytes[start..<start + length].reduce(0) { $0 << 8 | UInt64($1) }
    }
    for start in stride(from: 0, to: bytes.count, by: Self.entryBytes) {
      entries.append(
        Entry(
          id: RowId(high: number(start, 8), low: number(start + 8, 8)),
          input: Int32(truncatingIfNeeded: number(start + 16, 4))))
    }
  }
}
