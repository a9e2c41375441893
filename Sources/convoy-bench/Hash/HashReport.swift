internal import Foundation

/// The comparison as printed, and with `--json` as one object.
struct HashReport: Encodable {
  let schema = "convoy.bench.hash/1"
  /// The machine's one-minute load before the first measured run; well above 0 means foreign work.
  let loadAverage: Double
  let isCold: Bool
  let jobs: [Job]

  struct Job: Encodable {
    let kind: HashJob.Kind
    let bytes: Int
    let peers: [Peer]
    /// Programs that are not installed.
    let missing: [HashTool]
  }

  /// One tool beside convoy, in pairs of which each begins with another.
  struct Peer: Encodable {
    let tool: HashTool
    let wallSeconds: Spread
    let convoyWallSeconds: Spread
    let convoyCPUSeconds: Spread
    let convoyPeakBytes: Int?
    /// The tool's time divided by convoy's: above 1 convoy is the faster one.
    let ratio: Spread
    let cpuRatio: Spread

    init(_ tool: HashTool, _ pairs: [(convoy: ProcessCost, peer: ProcessCost)]) {
      self.tool = tool
      wallSeconds = Spread(pairs.map(\.peer.wallSeconds))
      convoyWallSeconds = Spread(pairs.map(\.convoy.wallSeconds))
      convoyCPUSeconds = Spread(pairs.map(\.convoy.cpuSeconds))
      convoyPeakBytes = pairs.compactMap(\.convoy.peakBytes).max()
      ratio = Spread(pairs.map { $0.peer.wallSeconds / $0.convoy.wallSeconds })
      cpuRatio = Spread(pairs.map { $0.peer.cpuSeconds / $0.convoy.cpuSeconds })
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    var lines = [
      "page cache \(isCold ? "dropped before each run" : "warm"); load average \(loadAverage)"
    ]
    for job in jobs {
      lines += [
        "", "\(job.kind.title), \(job.bytes) bytes",
        "tool          wall s  convoy s  tool ÷ convoy   median    min    max   CPU  convoy peak MiB",
      ]
      for peer in job.peers {
        lines.append(
          peer.tool.rawValue.padding(toLength: 11, withPad: " ", startingAt: 0)
            + ImportReport.fixed(peer.wallSeconds.median, width: 9)
            + ImportReport.fixed(peer.convoyWallSeconds.median, width: 10)
            + String(repeating: " ", count: 15) + peer.ratio.text
            + ImportReport.fixed(peer.cpuRatio.median, width: 6)
            + ImportReport.fixed(
              peer.convoyPeakBytes.map { Double($0) / 1_048_576 }, width: 17))
      }
      lines += job.missing.map { "\($0.rawValue): not installed; \($0.install)" }
    }
    return lines.joined(separator: "\n")
  }
}
