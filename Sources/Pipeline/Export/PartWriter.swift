internal import Archive

/// Writes the members of one part in order, or finds that the last archive has them all and links its file.
///
/// As long as members are the same as the last archive's, nothing is written. The first that is not makes the
/// file; those before it are copied into it as they are packed.
struct PartWriter: ~Copyable {
  private let name: String
  private let directory: String
  private let firstBlock: Int
  private let former: FormerPart?
  private var file: OutputFile?
  private var members: [ArchivedMember] = []
  private var rawHash = ContentHash()
  private var packedHash = ContentHash()
  private var rawBytes = 0
  private var packedBytes = 0
  private var bounds = RowRenderer.Bounds()
  private(set) var checksum = UInt128(0)

  init(_ name: String, in directory: String, firstBlock: Int, former: FormerPart?) {
    self.name = name
    self.directory = directory
    self.firstBlock = firstBlock
    self.former = former
  }

  /// Takes the next member.
  mutating func append(_ member: PackedMember) throws(FileError) {
    var packedCount = 0
    if let packed = member.packed {
      if file == nil { try begin() }
      try write(packed)
      packedCount = packed.count
    } else if let former {
      packedCount = former.part.members[members.count].packedBytes
      if file != nil { try copy(members.count) } else { packedBytes += packedCount }
    }
    rawHash.update(member.raw.span)
    rawBytes += member.raw.count
    checksum &+= member.checksum
    bounds.add(member.bounds)
    members.append(
      ArchivedMember(
        rows: member.bounds.rows, rawBytes: member.raw.count, packedBytes: packedCount,
        rawSHA256: member.digest, keys: member.bounds.keys, times: member.bounds.times))
  }

  /// Ends the part; its file is on disk, under its name in the directory.
  consuming func finish() throws(FileError) -> ArchivedPart {
    let path = "\(directory)/\(name)"
    var isLinked = false
    if file == nil, let former, former.part.members.count == members.count {
      isLinked = try hardLink(former.path, as: path)
    }
    if !isLinked {
      if file == nil { try begin() }
      if let file = file.take() { try file.finish() }
    }
    return ArchivedPart(
      file: name, firstBlock: firstBlock, rows: bounds.rows, rawBytes: rawBytes,
      packedBytes: packedBytes, rawSHA256: rawHash.digest,
      packedSHA256: isLinked ? former?.part.packedSHA256 ?? packedHash.digest : packedHash.digest,
      keys: bounds.keys, times: bounds.times, isLinked: isLinked, members: members)
  }

  /// Makes the file, with the members so far in it.
  private mutating func begin() throws(FileError) {
    file = try OutputFile(path: "\(directory)/\(name)", permissions: 0o600)
    packedBytes = 0
    for index in members.indices { try copy(index) }
  }

  private mutating func copy(_ index: Int) throws(FileError) {
    guard let former else { return }
    try write(try former.packedBytes(index))
  }

  private mutating func write(_ bytes: [UInt8]) throws(FileError) {
    packedHash.update(bytes.span)
    packedBytes += bytes.count
    try file?.write(bytes.span)
  }
}

/// A part of the last archive that covers the same blocks; its file is as it was written.
struct FormerPart: Sendable {
  let part: ArchivedPart
  let path: String
  private let offsets: [Int]

  /// - Returns: nil where the file is damaged, so that nothing of it is taken over.
  init?(_ part: ArchivedPart, of archive: ArchiveDirectory) throws(FileError) {
    self.part = part
    path = archive.path(of: part)
    var offset = 0
    offsets = part.members.map { member in
      defer { offset += member.packedBytes }
      return offset
    }
    var hash = ContentHash()
    var file = try InputFile(path: path)
    var bytes: [UInt8] = []
    while try file.read(into: &bytes, upTo: 1 << 20) > 0 {
      hash.update(bytes.span)
      bytes.removeAll(keepingCapacity: true)
    }
    guard file.bytesRead == part.packedBytes, hash.digest == part.packedSHA256 else { return nil }
  }

  /// A member as it is in the file.
  func packedBytes(_ index: Int) throws(FileError) -> [UInt8] {
    let count = part.members[index].packedBytes
    let bytes = try InputFile(path: path).bytes(at: offsets[index], upTo: count)
    guard bytes.count == count else { throw FileError(.read, path: path, errno: 5) }
    return bytes
  }
}

extension RowRenderer.Bounds {
  /// Takes in further rows.
  mutating func add(_ other: RowRenderer.Bounds) {
    rows += other.rows
    leastKey = min(leastKey, other.leastKey)
    greatestKey = max(greatestKey, other.greatestKey)
    leastTime = min(leastTime, other.leastTime)
    greatestTime = max(greatestTime, other.greatestTime)
  }

  /// The least and the greatest key, as they stand in the rows.
  var keys: ArchivedRange? {
    guard leastKey <= greatestKey else { return nil }
    return ArchivedRange(least: Self.uuid(leastKey), greatest: Self.uuid(greatestKey))
  }

  /// The least and the greatest time, as they stand in the rows.
  var times: ArchivedRange? {
    guard leastTime <= greatestTime else { return nil }
    return ArchivedRange(least: Self.time(leastTime), greatest: Self.time(greatestTime))
  }

  private static func uuid(_ key: UInt128) -> String {
    let digits = Array(key.hex.utf8)
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map {
      String(decoding: digits[$0], as: UTF8.self)
    }
    return groups.joined(separator: "-")
  }

  private static func time(_ microseconds: Int64) -> String {
    var text: [UInt8] = []
    text.append(timestamp: microseconds, suffix: "+00:00")
    return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
  }
}
