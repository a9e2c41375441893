internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct ArchiveRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put an archive's rows back into tables, and prove that they are the same.",
    discussion: """
      Tables that are missing are made, with their constraints and indexes; tables that are there must \
      have the archive's columns and be empty. Then every row is read back, and count and checksum of \
      each table are compared with the manifest.

      With --on-conflict, rows go into tables that have rows, all in one transaction: skip leaves rows of \
      the same primary key as they are, update makes them as in the archive, fail ends without a change.

      --only takes table=NAME, session=ID and since=TIME, and is repeatable: several tables or sessions \
      are any of them, and terms of different kinds must all be met. Members that cannot hold such rows \
      are not read. With since=TIME, sessions come with rows that are new enough, however old they are.

      Exit status: 0 restored and the same, 1 failed, 64 usage, 65 the archive is damaged or the rows \
      are not the same, 69 database or storage unreachable, 74 file I/O, 130/143 interrupted.
      """)

  @OptionGroup var archive: ArchiveArgument

  @OptionGroup var identity: IdentityOption

  @OptionGroup var bucket: BucketOption

  @OptionGroup var target: TargetOption

  @Option(help: ArgumentHelp("Restore into this schema, which is made for it.", valueName: "name"))
  var schema: String?

  @OptionGroup var only: OnlyOption

  @Option(
    name: .customLong("on-conflict"),
    help: ArgumentHelp(
      "What becomes of rows whose primary key is there: skip, update or fail.",
      valueName: "policy"),
    transform: { text in
      guard let policy = ConflictPolicy(rawValue: text) else {
        throw ValidationError("skip, update or fail is wanted")
      }
      return policy
    })
  var onConflict: ConflictPolicy?

  @Option(help: ArgumentHelp("Connections that load members.", valueName: "n"))
  var connections: Int?

  @Option(
    help: ArgumentHelp(
      "First put the archive's objects back into the store of this pipeline.",
      valueName: "pipeline"))
  var objects: String?

  func validate() throws {
    guard (1...64).contains(connections ?? 1) else {
      throw ValidationError("--connections must be 1…64")
    }
    guard schema == nil || onConflict == nil else {
      throw ValidationError(
        "in the schema that --schema makes there is nothing to meet --on-conflict")
    }
  }

  func run() async throws {
    try await reporting("archive restore") {
      let archive = try await identity.open(archive.directory, in: bucket)
      let choice = try target.choice()
      let logger = Logger(label: "convoy") { _ in LineLogHandler() }
      logger.info("target: \(choice)")
      var options = ArchiveRestoration.Options()
      options.schema = schema
      options.selection = try only.selection()
      options.onConflict = onConflict
      if let connections { options.connections = connections }
      let settings = options
      if let objects { try await restore(archive, storeOf: objects, logger) }
      let result = try await working(logger) { progress, stop in
        try await ArchiveRestoration(
          archive, to: choice, options: settings, progress: progress, stop: stop
        ).run()
      }
      try RestoreText.conclude(result)
    }
  }
}

extension ArchiveRestore {
  /// Objects come first: a row never names one that is not there.
  private func restore(
    _ archive: ArchiveDirectory, storeOf pipeline: String, _ logger: Logger
  ) async throws {
    let environment = ProcessInfo.processInfo.environment
    let spec: PipelineSpec
    do throws(SpecErrors) {
      spec = try PipelineSpec.load(path: pipeline, overrides: [], environment: environment)
    } catch { throw RunError(.badPipeline, error.description) }
    let store = try StorePlan(spec.store, environment: environment)
    logger.info("store: \(store)")
    let result = try await working(logger) { _, stop in
      try await ObjectRestoration(archive, to: store, stop: stop).run()
    }
    print("objects: \(result.stored) put back, \(result.unchanged) there already")
  }
}

/// What a restoration did, and whether it was what it should be.
enum RestoreText {
  /// Prints each table's verdict.
  ///
  /// - Throws: `RunError` where rows are not the same, or something could not be made.
  static func conclude(_ result: ArchiveRestoration.Result) throws(RunError) {
    for table in result.tables {
      let counts = table.merged.map { ", \(text($0))" } ?? ""
      let verdict = table.isEqual ? "the same" : "NOT the same"
      let but = (table.merged?.kept ?? 0) > 0 ? " but for those kept" : ""
      let members =
        table.membersRead < table.members
        ? "; \(table.membersRead) of \(table.members) members read" : ""
      print(
        "\(table.table): \(table.rows) rows\(counts), \(verdict) as in the archive\(but)\(members)")
    }
    for table in result.passedOver { print("passed over \(table)") }
    guard result.tables.allSatisfy(\.isEqual) else {
      throw RunError(
        .overBudget, "rows in the database are not those of the archive",
        hint: "a trigger may have changed them; a table made by the restoration has none")
    }
    guard result.unmade.isEmpty else {
      throw RunError(
        .failed, "all rows are there, but not made was\n" + result.unmade.joined(separator: "\n"))
    }
  }

  private static func text(_ counts: ArchiveRestoration.MergeCounts) -> String {
    "\(counts.inserted) inserted, \(counts.unchanged) unchanged, \(counts.updated) updated, "
      + "\(counts.kept) kept as they are"
  }
}
