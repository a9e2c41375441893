internal import Archive

/// The marks of a run, in bounded memory however many there are.
///
/// What exceeds `markLimit` goes to a file without a name, sorted into 256 parts by the marks' keys: a
/// million take 48 MB of it, and 3 MiB of memory, some three times that while a part is written or read.
struct MarkLog: ~Copyable, Sendable {
  private static let partCount = 256

  private let directory: String
  private let markLimit: Int
  private var marks: [RunMark] = []
  private var file: ScratchFile?
  /// Where in the file each part's marks are.
  private var blocks: [[Range<Int>]] = Array(repeating: [], count: partCount)

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - markLimit: marks held in memory.
  init(directory: String, markLimit: Int = 1 << 16) {
    self.directory = directory
    self.markLimit = markLimit
  }

  mutating func add(_ more: [RunMark]) throws(FileError) {
    marks += more
    if marks.count >= markLimit { try spill() }
  }

  /// Calls `body` with all marks of a key, sorted, for each key.
  func forEachKey(_ body: ([RunMark].SubSequence) -> Void) throws(FileError) {
    let own = Self.parts(marks)
    for part in 0..<Self.partCount {
      var all = own[part]
      for block in blocks[part] { try read(block, into: &all) }
      all.sort { $0.isBefore($1) }
      var start = 0
      while start < all.count {
        var end = start + 1
        while end < all.count, all[end].key == all[start].key { end += 1 }
        body(all[start..<end])
        start = end
      }
    }
  }

  private static func parts(_ marks: [RunMark]) -> [[RunMark]] {
    var parts: [[RunMark]] = Array(repeating: [], count: partCount)
    for mark in marks { parts[Int(mark.key >> 56)].append(mark) }
    return parts
  }

  private mutating func spill() throws(FileError) {
    var scratch: ScratchFile
    if let made = file.take() {
      scratch = made
    } else {
      scratch = try ScratchFile(in: directory)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(marks.count * RunMark.byteCount)
    for (part, marks) in Self.parts(marks).enumerated() where !marks.isEmpty {
      let start = scratch.size + bytes.count
      for mark in marks { mark.append(to: &bytes) }
      blocks[part].append(start..<scratch.size + bytes.count)
    }
    try scratch.append(bytes.span)
    file = consume scratch
    marks.removeAll(keepingCapacity: true)
  }

  private func read(_ block: Range<Int>, into marks: inout [RunMark]) throws(FileError) {
    guard let bytes = try file?.bytes(at: block.lowerBound, count: block.count) else { return }
    for start in stride(from: 0, to: bytes.count, by: RunMark.byteCount) {
      if let mark = RunMark(bytes.span, at: start) { marks.append(mark) }
    }
  }
}
