internal import Archive
internal import Postgres

/// Carries one part from the server to its file: rows are rendered on the caller's thread, members are
/// hashed and compressed on all cores, and written in order.
struct PartExport: Sendable {
  let table: ExportedTable
  let format: ArchiveFormat
  let index: Int
  let name: String
  let former: FormerPart?
  let level: Int
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
    try await connection.copyOut(table.copy(ofPart: index, format)) { reader in
      var writer = PartWriter(
        name, in: directory, firstBlock: table.range(ofPart: index).first, former: former)
      var source = LineSource(table, format)
      try await withThrowingTaskGroup(of: (Int, PackedMember).self) { group in
        var (begun, written) = (0, 0)
        // Done before those in front of them; no more than the window is under way.
        var early: [Int: PackedMember] = [:]
        while true {
          let raw = try nextMember(reader, &source)
          let isLast = raw.count < ExportPlan.memberBytes
          if !raw.isEmpty || (isLast && begun == 0) {
            let (number, bounds) = (begun, source.take())
            group.addTask(executorPreference: globalConcurrentExecutor) {
              (number, try pack(number, raw, bounds))
            }
            begun += 1
          }
          while written < begun, isLast || begun - written >= ExportPlan.window {
            guard let (number, member) = try await group.next() else { break }
            early[number] = member
            while let member = early.removeValue(forKey: written) {
              try writer.append(member)
              progress(member.raw.count, member.bounds.rows)
              written += 1
            }
          }
          try stop.check()
          if isLast { break }
        }
      }
      let checksum = writer.checksum
      var part = try writer.finish()
      part.partition = table.partition(ofPart: index)
      return Outcome(part: part, checksum: checksum)
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
    _ number: Int, _ raw: [UInt8], _ bounds: RowRenderer.Bounds
  ) throws -> PackedMember {
    let members = former?.part.members ?? []
    return try PackedMember(
      raw, bounds, level: level, former: number < members.count ? members[number] : nil)
  }
}
