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
    let (own, starts) = Self.parted(marks)
    for part in 0..<Self.partCount {
      var all = Array(own[starts[part]..<starts[part + 1]])
      for block in blocks[part] { try read(block, into: &all) }
      all = Self.sorted(all)
      var start = 0
      while start < all.count {
        var end = start + 1
        while end < all.count, all[end].key == all[start].key { end += 1 }
        body(all[start..<end])
        start = end
      }
    }
  }

  /// The marks by the first byte of their keys, and where each byte's begin.
  private static func parted(_ marks: [RunMark]) -> ([RunMark], [Int]) {
    marks.distributed(over: partCount) { Int($0.key >> 56) }
  }

  /// Sorts the marks of a part: their keys are digests, so that there are few in each of as many equal
  /// stretches of keys as there are marks.
  private static func sorted(_ marks: [RunMark]) -> [RunMark] {
    let bits = Int.bitWidth - marks.count.leadingZeroBitCount
    var (sorted, starts) = marks.distributed(over: 1 << bits) {
      Int(truncatingIfNeeded: ($0.key << 8) >> UInt64(64 - bits))
    }
    for stretch in 0..<1 << bits where starts[stretch + 1] - starts[stretch] > 1 {
      sorted[starts[stretch]..<starts[stretch + 1]].sort { $0.isBefore($1) }
    }
    return sorted
  }

  private mutating func spill() throws(FileError) {
    var scratch: ScratchFile
    if let made = file.take() {
      scratch = made
    } else {
      scratch = try ScratchFile(in: directory)
    }
    let (parted, starts) = Self.parted(marks)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(parted.count * RunMark.byteCount)
    for mark in parted { mark.append(to: &bytes) }
    for part in 0..<Self.partCount where starts[part] < starts[part + 1] {
      let start = scratch.size + starts[part] * RunMark.byteCount
      let count = starts[part + 1] - starts[part]
      blocks[part].append(start..<start + count * RunMark.byteCount)
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

extension [RunMark] {
  /// The marks in the order of a number of each below `count`, otherwise as they are, and where those of
  /// each number begin; the last start is the end.
  fileprivate func distributed(
    over count: Int, by number: (RunMark) -> Int
  ) -> ([RunMark], [Int]) {
    guard let first else { return ([], Array<Int>(repeating: 0, count: count + 1)) }
    var starts = [Int](repeating: 0, count: count + 1)
    for mark in self { starts[number(mark) + 1] += 1 }
    for index in 0..<count { starts[index + 1] += starts[index] }
    var next = starts
    var out = [RunMark](repeating: first, count: self.count)
    for mark in self {
      out[next[number(mark)]] = mark
      next[number(mark)] += 1
    }
    return (out, starts)
  }
}
