internal import Archive
internal import Postgres

/// The connections of an export, each carrying one part after the other.
extension ExportRun {
  /// One part of one table.
  private struct Job: Sendable {
    let table: Int
    let part: Int
  }

  /// Exports every part.
  ///
  /// - Returns: the parts of each table, in order.
  func parts(
    _ preparation: borrowing ExportPreparation, _ target: ConnectionTarget, into directory: String
  ) async throws -> [[PartExport.Outcome]] {
    let (tables, former, snapshot) =
      (preparation.tables, preparation.former, preparation.snapshot.name)
    let place = preparation.place
    var jobs: [Job] = []
    for (table, found) in tables.enumerated() {
      jobs += (0..<found.partCount).map { Job(table: table, part: $0) }
    }
    let queue = JobQueue(jobs)
    let outcomes = Guarded(
      tables.map { [PartExport.Outcome?](repeating: nil, count: $0.partCount) })
    try await withThrowingTaskGroup { group in
      for number in 0..<min(plan.connections, jobs.count) {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          let connection = try ExportSnapshot.join(snapshot, target, number: number)
          stop.add(try connection.canceller())
          while let job = queue.next() {
            // A sibling's failure or a signal is the end of the run.
            guard !Task.isCancelled else { return }
            try stop.check()
            let outcome = try await export(
              tables[job.table], job.part, former, place, connection, directory)
            outcomes.update { $0[job.table][job.part] = outcome }
          }
          try connection.execute("COMMIT")
        }
      }
      try await group.waitForAll()
    }
    return try outcomes.current.map { parts in
      let whole = parts.compactMap(\.self)
      guard whole.count == parts.count else {
        throw RunError(.failed, "a part was not exported, and nobody said why")
      }
      return whole
    }
  }

  private func export(
    _ table: ExportedTable, _ index: Int, _ archive: ArchiveDirectory?, _ place: ExportPlace,
    _ connection: borrowing PostgresConnection, _ directory: String
  ) async throws -> PartExport.Outcome {
    let left = Guarded(table.bytes(ofPart: index))
    let export = PartExport(
      table: table, format: plan.spec.export.format, index: index,
      name: table.fileName(ofPart: index, plan.spec.export.format)
        + (plan.encryption?.suffix ?? ""),
      former: try former(table, index, archive, place), level: plan.spec.export.level,
      encryption: plan.encryption.map { PartEncryption(encryption: $0) }, stop: stop
    ) { rawBytes, rows in
      // The server's bytes of a part are an estimate; what it says in the end is right.
      let bytes = left.update { left in
        let bytes = min(left, rawBytes)
        left -= bytes
        return bytes
      }
      progress.add(bytes: bytes, rows: rows, rejects: 0)
    }
    let outcome = try await export.run(connection, into: directory)
    progress.add(bytes: left.current, rows: 0, rejects: 0)
    return outcome
  }

  private func former(
    _ table: ExportedTable, _ index: Int, _ archive: ArchiveDirectory?, _ place: ExportPlace
  ) throws -> FormerPart? {
    guard let archive, let part = table.formerPart(index, in: archive) else { return nil }
    guard place.bucket == nil else {
      let former = place.referred(part, of: archive)
      if former == nil {
        warn("\(archive.path(of: part)): not there as it was sent; nothing of it is taken over")
      }
      return former
    }
    do throws(FileError) {
      if let former = try FormerPart(part, of: archive) { return former }
      warn("\(archive.path(of: part)): damaged; nothing of it is taken over")
    } catch {
      warn("\(error); nothing of it is taken over")
    }
    return nil
  }
}

extension ExportedTable {
  /// The part of an archive that begins where a part of this export does and was cut by the same rule.
  func formerPart(_ index: Int, in archive: ArchiveDirectory) -> ArchivedPart? {
    let (first, partition) = (range(ofPart: index).first, partition(ofPart: index))
    return archive.manifest.tables
      .first { $0.schema == schema && $0.name == name && $0.partBlocks == partBlocks }?
      .parts.first { $0.firstBlock == first && $0.partition == partition }
  }

  /// Names that any shell and file system takes; what is not a plain letter or digit is written as its number.
  func fileName(ofPart index: Int, _ format: ArchiveFormat) -> String {
    var stem = ""
    for byte in (format == .conversations ? "conversations" : title).utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
        stem.unicodeScalars.append(Unicode.Scalar(byte))
      default: stem += "%" + String(byte, radix: 16)
      }
    }
    let digits = String(index)
    let zeros = String(repeating: "0", count: max(0, 5 - digits.count))
    return "\(stem)-\(zeros)\(digits).\(format.suffix).gz"
  }
}
