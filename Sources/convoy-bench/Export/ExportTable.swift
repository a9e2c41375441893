/// The comparison as printed: medians with extremes, then the ratios that matter.
struct ExportTable {
  let runs: [ExportComparison.Run]
  let loadAverage: Double

  var text: String {
    var lines = [
      "load average \(loadAverage)", "wall, s                    median    min    max  peak MiB",
    ]
    for job in ExportComparison.Job.allCases {
      let peak = runs.filter { $0.job == job }.compactMap(\.peakBytes).max()
      lines.append(
        Self.padded(job.rawValue, 24) + Spread(seconds(job)).text
          + ImportReport.fixed(peak.map { Double($0) / 1_048_576 }, width: 10))
    }
    lines.append("ratio of medians")
    for (name, job, other) in [
      ("everything new ÷ pg_dump", ExportComparison.Job.convoyExport, ExportComparison.Job.pgDump),
      ("everything new ÷ pigz", .convoyExport, .pigz),
      ("nothing changed ÷ everything new", .unchanged, .convoyExport),
      ("restore ÷ gunzip", .convoyRestore, .gunzip),
    ] {
      let ratio = Spread(seconds(job)).median / Spread(seconds(other)).median
      lines.append(Self.padded(name, 34) + ImportReport.fixed(ratio, width: 6))
    }
    return lines.joined(separator: "\n")
  }

  private func seconds(_ job: ExportComparison.Job) -> [Double] {
    runs.filter { $0.job == job }.map(\.wallSeconds)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
