internal import Archive

/// Reads a list of checksums, line by line, as tasks.
struct ChecksumList: ~Copyable, HashSource {
  private static let pieceBytes = 65_536
  /// Longer than any line that names a file.
  private static let longestLineBytes = 65_536

  private let path: RawPath
  private let roots: [[UInt8]]
  private var file: InputFile
  private var buffer: [UInt8] = []
  private var position = 0
  private var lineNumber = 0
  /// The file whose chunks may follow.
  private var open: HashTask?
  /// A line that is to be told of before the next one is read.
  private var pending: HashTask?
  private var isEnded = false

  /// Opens the list; of what it names only what is one of `roots` or below one is read, if there are any.
  init(_ path: RawPath, below roots: [RawPath]) throws(RunError) {
    self.path = path
    self.roots = roots.map { root in
      var bytes = root.bytes
      while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
      return bytes
    }
    file = try RunError.onFiles { () throws(FileError) in
      path.bytes == [UInt8(ascii: "-")] ? try .standardInput() : try InputFile(path: path)
    }
  }

  mutating func next() throws(RunError) -> HashTask? {
    if let task = pending.take() { return task }
    while let line = try nextLine() {
      switch line {
      case .comment: continue
      case .file(let name, let digest):
        let before = open.take()
        if isWanted(name) { open = task(name, digest) }
        if let before { return before }
      case .chunk(let offset, let length, let digest):
        // Of a file that is not wanted the chunks are not either; those of none are refused.
        if !add(digest, offset, length) { return malformed() }
      case .malformed: return malformed()
      }
    }
    return open.take()
  }

  private func task(_ name: RawPath, _ digest: FileDigest) -> HashTask {
    let isStandardInput = name.bytes == [UInt8(ascii: "-")]
    return HashTask(
      path: name, action: isStandardInput ? .readStandardInput : .readNamed,
      expected: ExpectedContent(digest: digest))
  }

  private mutating func malformed() -> HashTask {
    let told = HashTask(
      path: path, action: .settled(.malformedLine(lineNumber)), expected: nil)
    guard let before = open.take() else { return told }
    pending = told
    return before
  }

  /// Adds a chunk to the open file; false when it does not follow what is there.
  private mutating func add(_ digest: FileDigest, _ offset: Int, _ length: Int) -> Bool {
    guard var expected = open?.expected else { return !roots.isEmpty }
    guard offset == expected.chunkedBytes, offset % ChunkHash.chunkBytes == 0,
      length <= ChunkHash.chunkBytes
    else { return false }
    expected.chunks.append(digest)
    expected.chunkedBytes = offset + length
    open?.expected = expected
    return true
  }

  private func isWanted(_ name: RawPath) -> Bool {
    roots.isEmpty
      || roots.contains { root in
        guard name.bytes.starts(with: root) else { return false }
        return name.bytes.count == root.count || root == [UInt8(ascii: "/")]
          || name.bytes[root.count] == UInt8(ascii: "/")
      }
  }

  private mutating func nextLine() throws(RunError) -> ChecksumLine? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        lineNumber += 1
        return ChecksumLine(buffer[position..<end])
      }
      guard !isEnded, buffer.count - position <= Self.longestLineBytes else { break }
      buffer.removeSubrange(..<position)
      position = 0
      searched = buffer.count
      isEnded = try readMore() == 0
    }
    guard position < buffer.count else { return nil }
    // The last line has no newline, or the line is too long to be one.
    lineNumber += 1
    let line: ChecksumLine = isEnded ? ChecksumLine(buffer[position...]) : .malformed
    position = buffer.count
    while !isEnded {
      buffer = []
      position = 0
      isEnded = try readMore() == 0
      guard let end = buffer.firstIndex(of: UInt8(ascii: "\n")) else {
        position = buffer.count
        continue
      }
      position = end + 1
      break
    }
    return line
  }

  private mutating func readMore() throws(RunError) -> Int {
    do throws(FileError) {
      return try file.read(into: &buffer, upTo: Self.pieceBytes)
    } catch {
      throw RunError(.fileAccess, error.description)
    }
  }
}
