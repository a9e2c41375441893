internal import Foundation

extension PeersReport {
  /// A table for each job, then what must be known to read them.
  var text: String {
    var lines = [
      "\(sessions) sessions, \(messages) messages, \(inputBytes) bytes of JSONL; \(rounds) rounds; "
        + "load average \(loadAverage)"
    ]
    for job in PeerJob.allCases {
      lines += ["", job.title, Self.head]
      lines += tools.filter { $0.job == job }.map(Self.line)
    }
    let loaded = tools.filter { $0.noFigures == nil }
    lines += ["", "what each does:"]
    lines += loaded.map { "\(Self.left($0.name.rawValue, 10))\($0.note)" }
    lines += ["", "which columns of its rows are convoy's:"]
    lines += loaded.map { "\(Self.left($0.name.rawValue, 10))\($0.compared)" }
    return lines.joined(separator: "\n")
  }

  private static let head =
    left("tool", 10) + left("version", 9) + left("given", 16) + left("wall s [min–max]", 21)
    + right("rows/s", 8) + right("client CPU s", 14) + right("server CPU s", 14)
    + right("peak MiB", 10) + right("÷ convoy", 10)

  private static func line(_ tool: Tool) -> String {
    let start = left(tool.name.rawValue, 10) + left(tool.version ?? "–", 9)
    if let why = tool.noFigures { return start + why }
    let wall = tool.wallSeconds.map {
      "\(fixed($0.median)) [\(fixed($0.min))–\(fixed($0.max))]"
    }
    return start + left(tool.given, 16) + left(wall ?? "–", 21)
      + right(tool.rowsPerSecond.map { String(format: "%.0f", $0) } ?? "–", 8)
      + right(fixed(tool.clientCPUSeconds?.median), 14)
      + right(fixed(tool.serverCPUSeconds?.median), 14)
      + right(tool.peakBytes.map { "\($0 / 1_048_576)" } ?? "–", 10)
      + right(fixed(tool.wallByConvoy?.median), 10)
  }

  private static func fixed(_ value: Double?) -> String {
    ImportReport.fixed(value, width: 0)
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}
