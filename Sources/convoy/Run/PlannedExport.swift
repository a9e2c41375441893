internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline

/// An export as a command carries it out: progress on stderr, the report on stdout, the exit status.
struct PlannedExport {
  let plan: ExportPlan
  let isJSON: Bool

  /// Runs to the end.
  ///
  /// - Throws: `RunError` where there is no archive, or something is left to do.
  func run() async throws {
    let logger = Logger(label: "convoy") { _ in LineLogHandler() }
    logger.info("source: \(plan.target)")
    let (report, failure) = try await working(logger) { progress, stop in
      try await ExportRun(plan, progress: progress, stop: stop) { problem in
        logger.warning("\(problem)")
      }.run()
    }
    FileHandle.standardOutput.write(Data((isJSON ? report.json() : report.text).utf8))
    if let failure { throw failure }
  }
}

/// Does some work beside the display of its progress, and lets signals stop it.
///
/// - Parameters:
///   - logger: where progress goes when there is no terminal.
///   - work: the work.
/// - Returns: what the work returns.
/// - Throws: what the work throws.
func working<Result: Sendable>(
  _ logger: Logger,
  _ work: @escaping @Sendable (Pipeline.Progress, StopSignal) async throws -> Result
) async throws -> Result {
  let progress = Pipeline.Progress(bytesTotal: nil)
  let stop = StopSignal()
  let signals = TerminationSignals(stop)
  defer { signals.end() }
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask {
      await showProgress(progress, logger: logger)
      return nil
    }
    group.addTask { try await work(progress, stop) }
    defer { group.cancelAll() }
    while let ended = try await group.next() {
      if let ended { return ended }
    }
    throw RunError(.failed, "the run ended without a result")
  }
}
