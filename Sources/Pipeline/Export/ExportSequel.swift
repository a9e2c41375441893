internal import Archive
internal import Foundation
internal import Subprocess

/// What follows an export, whatever its end was: a command that is told, and figures for node_exporter.
struct ExportSequel: Sendable {
  let plan: ExportPlan
  let warn: @Sendable (String) -> Void

  /// Does both; what goes wrong is a warning, because the archive is there, or its failure is told already.
  func run(_ report: ExportReport) async {
    let export = plan.spec.export
    if let path = export.metricsFile {
      do throws(FileError) {
        try write(report, to: path)
      } catch { warn("metrics: \(error)") }
    }
    let command = report.outcome == .done ? export.onSuccess : export.onFailure
    if !command.isEmpty { await tell(command, report) }
  }

  /// Runs a command, without a shell; what it prints goes to standard error.
  private func tell(_ command: [String], _ report: ExportReport) async {
    let variables: [Environment.Key: String?] = [
      "CONVOY_PIPELINE": report.pipelineName, "CONVOY_OUTCOME": report.outcome.rawValue,
      "CONVOY_ARCHIVE": report.archive ?? "", "CONVOY_FAILURE": report.failure ?? "",
      "CONVOY_REPORT": plan.reportDirectory.reportPath,
    ]
    do {
      // By env(1), which takes a name and a path alike; Subprocess wants to be told which one it is.
      let result = try await Subprocess.run(
        .name("env"), arguments: Arguments(command), environment: .inherit.updating(variables),
        output: .currentStandardError, error: .currentStandardError)
      switch result.terminationStatus {
      case .exited(0): break
      case .exited(126), .exited(127): warn("\(command[0]) cannot be run")
      case .exited(let code): warn("\(command[0]) ended with status \(code)")
      case .signaled(let signal): warn("\(command[0]) was ended by signal \(signal)")
      }
    } catch {
      warn("\(command[0]) cannot be run")
    }
  }

  /// Name of the newest archive, as far as the run got to know; a bucket is not asked again.
  private func newest(_ report: ExportReport) throws(FileError) -> String? {
    guard plan.bucket != nil else { return try plan.root.names().last }
    return report.archive?.split(separator: "/").last.map(String.init) ?? report.former
  }

  /// Writes the text form of Prometheus (its documentation, "Exposition formats").
  ///
  /// A failed run says nothing about rows and bytes, and leaves the time of the last success what it was: that
  /// of the newest archive.
  private func write(_ report: ExportReport, to path: String) throws(FileError) {
    var text = ""
    func gauge(_ name: String, _ help: String, _ value: String) {
      text += """
        # HELP convoy_export_\(name) \(help)
        # TYPE convoy_export_\(name) gauge
        convoy_export_\(name){pipeline="\(report.pipelineName)"} \(value)

        """
    }
    let isDone = report.outcome == .done
    gauge("success", "Whether the last export ended well.", isDone ? "1" : "0")
    gauge("duration_seconds", "Time the last export took.", "\(report.seconds)")
    if let last = try newest(report),
      let time = SpecTime.microseconds(ExportRun.time(of: last))
    {
      gauge(
        "last_success_timestamp_seconds", "When the newest archive was begun.",
        "\(time / 1_000_000)")
    }
    if isDone {
      gauge("rows", "Rows in the last archive.", "\(report.rows)")
      gauge("raw_bytes", "Bytes of the last archive before compression.", "\(report.rawBytes)")
      gauge("packed_bytes", "Bytes of the last archive.", "\(report.packedBytes)")
      gauge("written_bytes", "Bytes of it no earlier archive has.", "\(report.writtenBytes)")
      gauge("parts", "Parts of the last archive.", "\(report.parts)")
    }
    // Readable for others, as the exporter that collects it is another user.
    var file = try OutputFile(path: path, permissions: 0o644)
    try file.write(Array(text.utf8).span)
    try file.finish()
  }
}
