internal import Archive

/// Entries of some 64-bit words each, put into parts that are read one at a time, in bounded memory however many
/// there are.
///
/// What exceeds a number of words goes to a file without a name, eight bytes a word.
struct PartedWords: ~Copyable, Sendable {
  static let partCount = 256

  private let directory: String
  private let wordLimit: Int
  private var parts: [[UInt64]] = Array(repeating: [], count: partCount)
  private var count = 0
  private var file: ScratchFile?
  /// Where in the file each part's words are.
  private var blocks: [[Range<Int>]] = Array(repeating: [], count: partCount)

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - wordLimit: words held in memory.
  init(directory: String, wordLimit: Int) {
    self.directory = directory
    self.wordLimit = wordLimit
  }

  /// Adds an entry to the part that the lowest byte of `part` names; `append` appends its words.
  mutating func add(
    to part: UInt64, _ append: (inout [UInt64]) -> Void
  ) throws(FileError) {
    let number = Int(part & 0xFF)
    let before = parts[number].count
    append(&parts[number])
    count += parts[number].count - before
    if count >= wordLimit { try spill() }
  }

  /// The words of a part, in the order they were added.
  func words(of part: Int) throws(FileError) -> [UInt64] {
    var words: [UInt64] = []
    for block in blocks[part] {
      guard let bytes = try file?.bytes(at: block.lowerBound, count: block.count) else { continue }
      for start in stride(from: 0, to: bytes.count, by: 8) {
        words.append(bytes.span.little(at: start, as: UInt64.self))
      }
    }
    return words + parts[part]
  }

  private mutating func spill() throws(FileError) {
    var scratch: ScratchFile
    if let made = file.take() {
      scratch = made
    } else {
      scratch = try ScratchFile(in: directory)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * count)
    for part in parts.indices where !parts[part].isEmpty {
      let start = scratch.size + bytes.count
      for word in parts[part] { bytes.append(little: word) }
      blocks[part].append(start..<scratch.size + bytes.count)
      parts[part].removeAll(keepingCapacity: true)
    }
    try scratch.append(bytes.span)
    file = consume scratch
    count = 0
  }
}
