internal import Archive
internal import Postgres
internal import Subprocess

/// Carries one part from the server to its file: rows are rendered on the caller's thread, members are
/// hashed and compressed on all cores, and written in order.
struct PartExport: Sendable {
  let table: ExportedTable
  let format: ArchiveFormat
  let index: Int
  let name: String
  let former: FormerPart?
  let level: Int
  /// For whom the file is encrypted; nil where it is not.
  let encryption: PartEncryption?
  let stop: StopSignal
  /// Told the raw bytes and rows of each member.
  let progress: @Sendable (_ rawBytes: Int, _ rows: Int) -> Void

  /// The part as the manifest has it, and the sum of its rows' checksums.
  struct Outcome: Sendable {
    let part: ArchivedPart
    let checksum: UInt128
  }

  /// Reads, renders, compresses and writes.
  ///
  /// - Throws: `PostgresError`, `FileError`, `GzipError`, ``RunError``; the part's file is gone then.
  func run(
    _ connection: borrowing PostgresConnection, into directory: String
  ) async throws -> Outcome {
    if let former, encryption != nil || former.reference != nil,
      let outcome = try await linked(former, connection, into: directory)
    {
      return outcome
    }
    if let encryption { return try await encrypted(by: encryption, connection, into: directory) }
    // Members of an object are not at hand to be taken over.
    let former = former?.reference == nil ? former : nil
    return try await connection.copyOut(table.copy(ofPart: index, format)) { reader in
      var writer = PartWriter(name, in: directory, firstBlock: firstBlock, former: former)
      _ = try await forEachMember(reader, former) { member in
        try writer.append(member)
        progress(member.raw.count, member.bounds.rows)
        return true
      }
      let checksum = writer.checksum
      return Outcome(part: placed(try writer.finish()), checksum: checksum)
    }
  }

  /// Writes a part through the program that encrypts it.
  private func encrypted(
    by encryption: PartEncryption, _ connection: borrowing PostgresConnection,
    into directory: String
  ) async throws -> Outcome {
    try await connection.copyOut(table.copy(ofPart: index, format)) { reader in
      var record = PartRecord()
      var (packedHash, packedBytes) = (ContentHash(), 0)
      let stored = try await encryption.write("\(directory)/\(name)") { input in
        _ = try await forEachMember(reader, nil) { member in
          let packed = member.packed ?? []
          packedHash.update(packed.span)
          packedBytes += packed.count
          _ = try await input.write(packed)
          record.add(member, packedBytes: packed.count)
          progress(member.raw.count, member.bounds.rows)
          return true
        }
      }
      let part = record.part(
        name, firstBlock: firstBlock, isLinked: false,
        packed: StoredForm(bytes: packedBytes, sha256: packedHash.digest), encrypted: stored)
      return Outcome(part: placed(part), checksum: record.checksum)
    }
  }

  /// Links the last archive's file where every member is the same.
  ///
  /// What is encrypted cannot be taken over in pieces, because whoever exports need not have the key, nor can what
  /// is in a bucket, because it is not here. So a part is read once to compare it, and where it has changed a second time, in the same snapshot.
  ///
  /// - Returns: nil where something has changed.
  private func linked(
    _ former: FormerPart, _ connection: borrowing PostgresConnection, into directory: String
  ) async throws -> Outcome? {
    let record = try await connection.copyOut(table.copy(ofPart: index, format)) { reader in
      var record = PartRecord()
      let isSame = try await forEachMember(reader, former) { member in
        let number = record.members.count
        guard member.packed == nil, number < former.part.members.count else { return false }
        record.add(member, packedBytes: former.part.members[number].packedBytes)
        return true
      }
      return isSame && record.members.count == former.part.members.count ? record : nil
    }
    guard let record else { return nil }
    progress(former.part.rawBytes, former.part.rows)
    let isLinked = try former.link(as: "\(directory)/\(name)")
    var part = record.part(
      name, firstBlock: firstBlock, isLinked: isLinked,
      packed: StoredForm(bytes: former.part.packedBytes, sha256: former.part.packedSHA256),
      encrypted: former.part.encrypted)
    part.reference = former.reference
    return Outcome(part: placed(part), checksum: record.checksum)
  }

  private func placed(_ part: ArchivedPart) -> ArchivedPart {
    var part = part
    part.partition = table.partition(ofPart: index)
    return part
  }

  private var firstBlock: Int { table.range(ofPart: index).first }

  /// Gives the members of the part in order, until the body returns false.
  ///
  /// A member that is the same in the former part is not compressed.
  ///
  /// - Returns: whether the body got all of them.
  private func forEachMember(
    _ reader: borrowing CopyOutReader, _ former: FormerPart?,
    _ body: (PackedMember) async throws -> Bool
  ) async throws -> Bool {
    var source = LineSource(table, format)
    return try await withThrowingTaskGroup(of: (Int, PackedMember).self) { group in
      var (begun, written) = (0, 0)
      // Done before those in front of them; no more than the window is under way.
      var early: [Int: PackedMember] = [:]
      while true {
        let raw = try nextMember(reader, &source)
        let isLast = raw.count < ExportPlan.memberBytes
        if !raw.isEmpty || (isLast && begun == 0) {
          let (number, bounds) = (begun, source.take())
          group.addTask(executorPreference: globalConcurrentExecutor) {
            (number, try pack(number, raw, bounds, former))
          }
          begun += 1
        }
        while written < begun, isLast || begun - written >= ExportPlan.window {
          guard let (number, member) = try await group.next() else { break }
          early[number] = member
          while let member = early.removeValue(forKey: written) {
            guard try await body(member) else { return false }
            written += 1
          }
        }
        try stop.check()
        if isLast { return true }
      }
    }
  }

  /// Whole rows of a member's length; fewer bytes at the end of the part.
  private func nextMember(
    _ reader: borrowing CopyOutReader, _ source: inout LineSource
  ) throws -> [UInt8] {
    var raw: [UInt8] = []
    raw.reserveCapacity(ExportPlan.memberBytes + ExportPlan.memberBytes / 16)
    while raw.count < ExportPlan.memberBytes {
      guard try source.appendNext(of: reader, to: &raw) else { break }
    }
    return raw
  }

  private func pack(
    _ number: Int, _ raw: [UInt8], _ bounds: RowRenderer.Bounds, _ former: FormerPart?
  ) throws -> PackedMember {
    let members = former?.part.members ?? []
    return try PackedMember(
      raw, bounds, level: level, former: number < members.count ? members[number] : nil)
  }
}
