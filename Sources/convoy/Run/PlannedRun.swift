internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import Pipeline

/// A run as a command carries it out: progress on stderr, the report on stdout, the exit status.
struct PlannedRun {
  let plan: RunPlan
  let isJSON: Bool

  /// Runs to the end.
  ///
  /// - Throws: `RunError`, and `ExitCode` where records were rejected.
  func run() async throws {
    let logger = Logger(label: "convoy") { _ in LineLogHandler() }
    logger.info("target: \(plan.target)")
    if let note = plan.skippedNote { logger.info("\(note)") }
    let result = try await perform(logger)
    FileHandle.standardOutput.write(Data(text(result.report).utf8))
    if let failure = result.failure { throw failure }
    if result.report.outcome == .rejects { throw ExitCode(ExitStatus.rejects) }
  }

  private func perform(_ logger: Logger) async throws -> RunResult {
    let progress = Pipeline.Progress(bytesTotal: plan.inputBytes)
    let stop = StopSignal()
    let signals = TerminationSignals(stop)
    defer { signals.end() }
    return try await withThrowingTaskGroup(of: RunResult?.self) { group in
      group.addTask {
        await showProgress(progress, logger: logger)
        return nil
      }
      group.addTask {
        try await Runner(plan, progress: progress, stop: stop) { check in
          let advice = check.advice.map { "; \($0)" } ?? ""
          logger.warning("\(check.name): \(check.found)\(advice)")
        }.run()
      }
      defer { group.cancelAll() }
      while let ended = try await group.next() {
        if let ended { return ended }
      }
      throw RunError(.failed, "the run ended without a result")
    }
  }

  private func text(_ report: RunReport) -> String {
    if isJSON { return report.json() }
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let hasColour = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    return report.text(directory: plan.reportDirectory, colour: hasColour)
  }
}
