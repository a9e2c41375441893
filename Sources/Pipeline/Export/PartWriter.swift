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
  private var record = PartRecord()
  private var packedHash = ContentHash()
  private var packedBytes = 0

  var checksum: UInt128 { record.checksum }

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
      packedCount = former.part.members[record.members.count].packedBytes
      if file != nil { try copy(record.members.count) } else { packedBytes += packedCount }
    }
    record.add(member, packedBytes: packedCount)
  }

  /// Ends the part; its file is on disk, under its name in the directory.
  consuming func finish() throws(FileError) -> ArchivedPart {
    let path = "\(directory)/\(name)"
    var isLinked = false
    if file == nil, let former, former.part.members.count == record.members.count {
      isLinked = try hardLink(former.path, as: path)
    }
    if !isLinked {
      if file == nil { try begin() }
      if let file = file.take() { try file.finish() }
    }
    let digest = isLinked ? former?.part.packedSHA256 : nil
    return record.part(
      name, firstBlock: firstBlock, isLinked: isLinked,
      packed: StoredForm(bytes: packedBytes, sha256: digest ?? packedHash.digest))
  }

  /// Makes the file, with the members so far in it.
  private mutating func begin() throws(FileError) {
    file = try OutputFile(path: "\(directory)/\(name)", permissions: 0o600)
    packedBytes = 0
    for index in record.members.indices { try copy(index) }
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
  /// The object that it is in a bucket; nil for a file of this machine.
  let reference: String?
  private let offsets: [Int]

  /// One of an archive in a bucket, of which nothing is read: all of it is taken over or nothing.
  init(_ part: ArchivedPart, referringTo reference: String) {
    self.part = part
    self.reference = reference
    path = reference
    offsets = []
  }

  /// - Returns: nil where the file is damaged, so that nothing of it is taken over.
  init?(_ part: ArchivedPart, of archive: ArchiveDirectory) throws(FileError) {
    self.part = part
    reference = nil
    path = archive.path(of: part)
    var offset = 0
    offsets = part.members.map { member in
      defer { offset += member.packedBytes }
      return offset
    }
    guard try StoredForm(ofFile: path) == part.stored else { return nil }
  }

  /// Gives the file a second name, or copies it where that cannot be; an object is referred to.
  ///
  /// - Returns: whether it is the same file.
  func link(as name: String) throws(FileError) -> Bool {
    guard reference == nil else { return true }
    guard try !hardLink(path, as: name) else { return true }
    var file = try InputFile(path: path)
    var copy = try OutputFile(path: name, permissions: 0o600)
    var bytes: [UInt8] = []
    while try file.read(into: &bytes, upTo: 1 << 20) > 0 {
      try copy.write(bytes.span)
      bytes.removeAll(keepingCapacity: true)
    }
    try copy.finish()
    return false
  }

  /// A member as it is in the file, which is not encrypted.
  func packedBytes(_ index: Int) throws(FileError) -> [UInt8] {
    let count = part.members[index].packedBytes
    let bytes = try InputFile(path: path).bytes(at: offsets[index], upTo: count)
    guard bytes.count == count else { throw FileError(.read, path: path, errno: 5) }
    return bytes
  }
}
