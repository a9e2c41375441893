internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

struct ArchiveRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put an archive's rows back into empty tables, and prove that they are the same.",
    discussion: """
      Tables that are missing are made, with their constraints and indexes; tables that are there must \
      be empty and have the archive's columns. Then every row is read back, and count and checksum of \
      each table are compared with the manifest.

      Exit status: 0 restored and the same, 1 failed, 64 usage, 65 the archive is damaged or the rows \
      are not the same, 69 database unreachable, 74 file I/O, 130/143 interrupted.
      """)

  @OptionGroup var archive: ArchiveArgument

  @OptionGroup var identity: IdentityOption

  @OptionGroup var target: TargetOption

  @Option(help: ArgumentHelp("Restore into this schema, which is made for it.", valueName: "name"))
  var schema: String?

  @Option(
    name: .customLong("table"),
    help: ArgumentHelp("Restore only this table; repeatable.", valueName: "name"))
  var tables: [String] = []

  @Option(help: ArgumentHelp("Parts loaded at a time.", valueName: "n"))
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
  }

  func run() async throws {
    try await reporting("archive restore") {
      let archive = try await identity.open(archive.directory)
      let choice = try target.choice()
      let logger = Logger(label: "convoy") { _ in LineLogHandler() }
      logger.info("target: \(choice)")
      var options = ArchiveRestoration.Options()
      options.schema = schema
      options.tables = tables
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
      let verdict = table.isEqual ? "the same" : "NOT the same"
      print("\(table.table): \(table.rows) rows, \(verdict) as in the archive")
    }
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
}
