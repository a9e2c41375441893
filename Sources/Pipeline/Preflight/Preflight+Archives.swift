internal import Archive
internal import Foundation
internal import Postgres

/// What can be said of an export before the next one, and of those there should have been.
extension Preflight {
  /// Looks at the database of an export, at its archives, and at what its last run left.
  ///
  /// - Parameter plan: the export; a local server is started, nothing is written.
  /// - Returns: the checks; those of archives are there also where the database cannot be reached.
  /// - Throws: ``RunError`` when the local server cannot be started or the password command fails,
  ///   `PostgresError` when the server cannot be asked.
  public static func look(at plan: ExportPlan) async throws -> Preflight {
    let target = try await plan.target.connectionTarget(startingLocal: true)
    var preflight = Preflight([])
    var isRunning: Bool?
    do throws(PostgresError) {
      let connection = try PostgresConnection(target, applicationName: "convoy doctor")
      preflight.add([reached(plan.target.description)])
      let pooler = try PoolerKind(connection, target)
      preflight.add([Self.pooler(pooler)])
      if pooler != .statement {
        let facts = try ServerFacts(connection)
        preflight.add([
          tls(connection.peer, isServerEncrypted: facts.isTrue("backend_ssl"), pooler),
          version(facts), role(facts), timeouts(facts), size(facts), try runs(connection),
        ])
        isRunning = try RunLock.isHeld(connection, pipeline: plan.spec.name)
      }
    } catch {
      guard error.reason == .connect else { throw error }
      preflight.add([unreachable(target, error)])
    }
    if isRunning != nil { preflight.add([try tables(of: plan, target)]) }
    if let encryption = plan.encryption { preflight.add([await Self.encryption(encryption)]) }
    if let bucket = plan.bucket {
      let store = await look(at: bucket.store)
      preflight.add(store)
      guard store.state == .ok else {
        preflight.add([lastRun(plan, newest: nil)])
        return preflight
      }
    }
    let found = try await ExportPlace(plan, isWriting: false).history
    let archives = found.archives.filter { $0.manifest.pipeline == plan.spec.name }
    preflight.add([
      newest(archives, plan), lastRun(plan, newest: archives.last?.name),
      readable(found), verified(archives.last { found.isVerified($0) }, archives),
      try unfinished(plan.root, isRunning: isRunning), try room(plan.root, archives.last),
    ])
    return preflight
  }

  /// Whether every table is there and its rows can all be read.
  private static func tables(of plan: ExportPlan, _ target: ConnectionTarget) throws -> Check {
    do {
      let snapshot = try ExportSnapshot(target, locking: plan.tables, stop: StopSignal())
      let tables = try ExportCatalogue(plan.tables, snapshot.connection).tables
      try snapshot.connection.execute("ROLLBACK")
      let bytes = tables.reduce(0) { $0 + $1.bytes }
      return Check(
        "tables", .ok,
        "\(Quantity.counted(tables.count, "table")) of \(Quantity.bytes(Double(bytes))) can be read"
      )
    } catch let error as RunError {
      return Check("tables", .refused, error.message, advice: error.hint)
    } catch let error as PostgresError {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      return Check(
        "tables", .refused, error.summary, advice: "grant the role SELECT on the tables it exports")
    }
  }

  private static func encryption(_ encryption: ArchiveEncryption) async -> Check {
    do {
      try await PartEncryption(encryption: encryption).check()
    } catch {
      let reason = (error as? RunError) ?? RunError(.failed, "\(error)")
      return Check("encryption", .refused, reason.message, advice: reason.hint)
    }
    let count = Quantity.counted(encryption.recipients.count, "recipient")
    return Check("encryption", .ok, "by \(encryption.program.rawValue) for \(count)")
  }

  /// Whether a night was missed.
  private static func newest(_ archives: [ArchiveDirectory], _ plan: ExportPlan) -> Check {
    let due = plan.spec.export.everySeconds
    let again = "then: convoy run \(plan.file)"
    guard let last = archives.last, let age = age(of: last.name) else {
      return Check(
        "newest", due == nil ? .note : .failed,
        "\(plan.place) has no archive of \(plan.spec.name)",
        advice: "convoy run \(plan.file)")
    }
    let found = "\(last.name), \(Quantity.duration(max(0, age))) old"
    guard let due else {
      return Check(
        "newest", .ok, "\(found); export.every would tell when the next one is late")
    }
    // A run takes its time, and timers spread their starts.
    guard age > Double(due) * 1.125 else { return Check("newest", .ok, found) }
    return Check(
      "newest", .failed, "\(found), and there should be one every \(SpecDuration.text(due))",
      advice: "see whether the timer is on and what its last run said; \(again)")
  }

  private static func age(of name: String) -> Double? {
    guard let time = SpecTime.microseconds(ExportRun.time(of: name)) else { return nil }
    return Date.now.timeIntervalSince1970 - Double(time) / 1e6
  }

  /// What the last run's report says.
  private static func lastRun(_ plan: ExportPlan, newest: String?) -> Check {
    let path = plan.reportDirectory.reportPath
    guard let report = PreviousExport.read(path), report.pipeline.name == plan.spec.name else {
      return Check("last-run", .note, "\(path) tells of no export of \(plan.spec.name)")
    }
    let at = report.finishedAt
    guard report.outcome != ExportReport.Outcome.done.rawValue else {
      return Check("last-run", .ok, "done at \(at)")
    }
    // The report may be older than an archive that was made with another report directory.
    if let newest, ExportRun.time(of: newest) > report.startedAt {
      return Check("last-run", .ok, "\(report.outcome) at \(at), and \(newest) is newer")
    }
    return Check(
      "last-run", .failed, "\(report.outcome) at \(at): \(report.failure ?? "no reason given")",
      advice: "when that is mended: convoy run \(plan.file)")
  }

  private static func readable(_ history: ArchiveHistory) -> Check {
    guard !history.problems.isEmpty else {
      let count = Quantity.counted(history.archives.count, "archive")
      return Check("manifests", .ok, "\(count) in all")
    }
    return Check(
      "manifests", .warning, history.problems.map(\.description).joined(separator: "; "),
      advice: "what is damaged stays until you remove it; convoy archive verify says what is sound")
  }

  private static func verified(
    _ verified: ArchiveDirectory?, _ archives: [ArchiveDirectory]
  ) -> Check {
    guard let last = archives.last else { return Check("verified", .ok, "nothing to verify yet") }
    guard let verified else {
      return Check(
        "verified", .warning, "no archive was ever found sound as a whole",
        advice: "convoy archive verify \(last.path)")
    }
    return Check("verified", .ok, verified.name)
  }

  /// Directories of runs that were killed, or of the one under way.
  private static func unfinished(_ root: ArchiveRoot, isRunning: Bool?) throws -> Check {
    let names = try RunError.onFiles { () throws(FileError) in
      try OutputDirectory.unfinished(in: root.path)
    }
    guard !names.isEmpty else { return Check("unfinished", .ok, "nothing is left of a killed run") }
    let found = names.map { "\(root.path)/\($0)" }.joined(separator: ", ")
    guard isRunning == false else {
      return Check("unfinished", .note, "\(found): of a run under way, or of one that was killed")
    }
    return Check(
      "unfinished", .warning, "\(found): of a run that was killed",
      advice: "the next run removes it; see why that one did not end by itself")
  }

  private static func room(_ root: ArchiveRoot, _ last: ArchiveDirectory?) throws -> Check {
    let free = try RunError.onFiles { () throws(FileError) in try root.freeBytes() }
    let found = "\(Quantity.bytes(Double(free))) free for archives"
    let full = last?.manifest.tables.flatMap(\.parts).reduce(0) { $0 + $1.stored.bytes } ?? 0
    guard free < full else { return Check("room", .ok, found) }
    return Check(
      "room", .warning, "\(found); the newest takes \(Quantity.bytes(Double(full)))",
      advice: "an archive in which everything changed would not fit: make room, or keep fewer")
  }
}

/// What the report of the last export said, as far as it is asked here.
private struct PreviousExport: Decodable {
  struct Pipeline: Decodable { var name: String }

  var schema: String
  var pipeline: Pipeline
  var outcome: String
  var failure: String?
  var startedAt: String
  var finishedAt: String

  /// Reads a `report.json`; nil where there is none of an export that can be read.
  static func read(_ path: String) -> PreviousExport? {
    // A missing, foreign or damaged report says nothing, and that is told.
    guard let data = try? Data(contentsOf: URL(filePath: path)),
      let report = try? JSONDecoder().decode(PreviousExport.self, from: data)
    else { return nil }
    return report.schema == ExportReport.currentSchema ? report : nil
  }
}
