internal import Archive
internal import Foundation
internal import Postgres

/// What is learned before the first part: the snapshot, the tables in it, and the last archive.
struct ExportPreparation: ~Copyable {
  let snapshot: ExportSnapshot
  let tables: [ExportedTable]
  /// The last archive of the pipeline, whose members have the same rule.
  let former: ArchiveDirectory?
  /// What is wrong with archives that are there.
  let problems: [String]
  private let enums: [ArchivedEnum]
  private let source: ArchivedSource

  init(_ plan: ExportPlan, _ target: ConnectionTarget, _ stop: StopSignal) throws {
    let snapshot = try ExportSnapshot(target, locking: plan.tables, stop: stop)
    let catalogue = try ExportCatalogue(plan.tables, snapshot.connection)
    let found =
      plan.spec.export.format == .conversations
      ? [try catalogue.conversations()] : catalogue.tables
    let source = try Self.source(snapshot)
    let history = try ArchiveHistory(plan.root)
    let former = history.archives.last {
      $0.manifest.pipeline == plan.spec.name && $0.manifest.level == plan.spec.export.level
        && $0.manifest.format == plan.spec.export.format.rawValue
        && $0.manifest.memberBytes == ExportPlan.memberBytes
        && $0.manifest.encryption == plan.encryption
    }
    tables = found.map { table in
      var table = table
      let known = former?.manifest.tables.first {
        $0.schema == table.schema && $0.name == table.name
      }
      table.cut(partBytes: plan.spec.export.partBytes, former: known?.partBlocks)
      return table
    }
    enums = catalogue.enums
    problems = history.problems.map(\.description)
    self.source = source
    self.former = former
    self.snapshot = snapshot
  }

  /// A manifest that only lacks its tables.
  func manifest(_ plan: ExportPlan, createdAt: String) -> ArchiveManifest {
    var manifest = ArchiveManifest(
      version: Runner.version, pipeline: plan.spec.name, createdAt: createdAt,
      format: plan.spec.export.format.rawValue, level: plan.spec.export.level,
      memberBytes: ExportPlan.memberBytes, source: source)
    manifest.encryption = plan.encryption
    manifest.enums = enums
    return manifest
  }

  private static func source(_ snapshot: borrowing ExportSnapshot) throws -> ArchivedSource {
    let facts = try snapshot.connection.query(
      "SELECT current_database(), current_setting('server_version')")
    let history = try MigrationHistory(snapshot.connection)
    return ArchivedSource(
      database: facts.first?.text(0) ?? "", server: facts.first?.text(1) ?? "",
      snapshot: snapshot.name, snapshotAt: snapshot.time,
      migrations: history.names.sorted { $0.key < $1.key }.map { version, name in
        name.map { "\(version) \($0)" } ?? version
      })
  }
}

extension ExportRun {
  /// Bytes of stored rows that one core renders and compresses in a second, at zlib's level 6: a rough guess.
  private static let bytesPerSecond = 25e6

  /// Says what an export would do, without doing it.
  func forecast(_ report: inout ExportReport) async throws {
    try await checkEncryption()
    let target = try await plan.target.connectionTarget(startingLocal: true)
    let preparation = try ExportPreparation(plan, target, stop)
    for problem in preparation.problems { warn(problem) }
    report.former = preparation.former?.name
    report.freeBytes = try plan.root.freeBytes()
    report.tables = preparation.tables.map { table in
      let linked = (0..<table.partCount).count { index in
        preparation.former.flatMap { table.formerPart(index, in: $0) } != nil
      }
      return ExportReport.Table(
        name: table.title, storedBytes: table.bytes, parts: table.partCount, linkedParts: linked)
    }
    let cores = Double(LoadSpec.defaultWorkers - 1)
    report.estimatedSeconds =
      Double(report.storedBytes) / (Self.bytesPerSecond * max(1, cores))
    // Never in the second of an archive that is there: no two have one name.
    let coming = Self.name(of: Date.now.addingTimeInterval(1))
    report.pruned = try ArchiveHistory(plan.root)
      .removable(
        Retention(plan.spec.export.keep), pipeline: plan.spec.name,
        coming: coming, willBeVerified: plan.spec.export.verify != .none
      ).map(\.name)
    report.finishedAt = RunReport.timestamp()
  }
}
