internal import Archive
internal import Foundation
internal import Postgres

/// What is learned before the first part: the snapshot, the tables in it, and the last archive.
struct ExportPreparation: ~Copyable {
  let snapshot: ExportSnapshot
  let tables: [ExportedTable]
  /// The last archive of the pipeline, whose members have the same rule.
  let former: ArchiveDirectory?
  /// What is where archives go.
  let place: ExportPlace
  private let enums: [ArchivedEnum]
  private let source: ArchivedSource

  init(
    _ plan: ExportPlan, _ place: ExportPlace, _ target: ConnectionTarget, _ stop: StopSignal
  ) throws {
    let snapshot = try ExportSnapshot(target, locking: plan.tables, stop: stop)
    let catalogue = try ExportCatalogue(plan.tables, snapshot.connection)
    let found =
      plan.spec.export.format == .conversations
      ? [try catalogue.conversations()] : catalogue.tables
    let source = try Self.source(snapshot)
    let former = place.former(plan)
    tables = found.map { table in
      var table = table
      let known = former?.manifest.tables.first {
        $0.schema == table.schema && $0.name == table.name
      }
      table.cut(partBytes: plan.spec.export.partBytes, former: known?.partBlocks)
      return table
    }
    enums = catalogue.enums
    self.place = place
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
    let place = try await ExportPlace(plan, isWriting: false)
    let preparation = try ExportPreparation(plan, place, target, stop)
    for problem in place.history.problems { warn(problem.description) }
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
    report.pruned = place.removable(plan, coming: coming)
    report.objects = try await objectExport(place, for: coming)?.forecast(
      preparation.snapshot.connection)
    report.finishedAt = RunReport.timestamp()
  }
}
