internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import Pipeline

/// A run of a pipeline that stores files, as a command carries it out.
struct PlannedFiles {
  let plan: FilesPlan
  let isJSON: Bool

  /// Runs to the end.
  ///
  /// - Throws: `RunError`, and `ExitCode` where files were rejected.
  func run() async throws {
    let logger = Logger(label: "convoy") { _ in LineLogHandler() }
    logger.info("target: \(plan.target)")
    logger.info("store: \(plan.store)")
    let result = try await working(logger) { progress, stop in
      try await FilesRun(plan, progress: progress, stop: stop) { check in
        let advice = check.advice.map { "; \($0)" } ?? ""
        logger.warning("\(check.name): \(check.found)\(advice)")
      }.run()
    }
    let text = isJSON ? result.report.json() : summary(result.report)
    FileHandle.standardOutput.write(Data(text.utf8))
    if let failure = result.failure { throw failure }
    if result.report.outcome == .rejects { throw ExitCode(ExitStatus.rejects) }
  }

  private func summary(_ report: RunReport) -> String {
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let hasColour = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    return report.text(directory: plan.reportDirectory, colour: hasColour)
  }
}
