internal import Foundation

/// The comparison as printed, and with `--json` as one object.
struct UploadReport: Encodable {
  let schema = "convoy.bench.upload/1"
  /// The machine's one-minute load before the first measured run; well above 0 means foreign work.
  let loadAverage: Double
  let jobs: [Job]

  /// One set of files.
  struct Job: Encodable {
    let title: String
    let files: Int
    let bytes: Int
    let curlWallSeconds: Spread
    let convoyWallSeconds: Spread
    let convoyPeakBytes: Int?
    /// curl's time divided by convoy's: above 1 convoy is the faster one.
    let ratio: Spread
    let cpuRatio: Spread

    init(
      title: String, files: Int, bytes: Int, _ pairs: [(convoy: ProcessCost, curl: ProcessCost)]
    ) {
      self.title = title
      self.files = files
      self.bytes = bytes
      curlWallSeconds = Spread(pairs.map(\.curl.wallSeconds))
      convoyWallSeconds = Spread(pairs.map(\.convoy.wallSeconds))
      convoyPeakBytes = pairs.compactMap(\.convoy.peakBytes).max()
      ratio = Spread(pairs.map { $0.curl.wallSeconds / $0.convoy.wallSeconds })
      cpuRatio = Spread(pairs.map { $0.curl.cpuSeconds / $0.convoy.cpuSeconds })
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    var lines = [
      "load average \(loadAverage)",
      "",
      "what                  files    MB   curl s  convoy s  curl ÷ convoy   median    min    max   CPU  peak MiB",
    ]
    for job in jobs {
      lines.append(
        job.title.padding(toLength: 18, withPad: " ", startingAt: 0)
          + ImportReport.fixed(Double(job.files), width: 9)
          + ImportReport.fixed(Double(job.bytes) / 1_000_000, width: 8)
          + ImportReport.fixed(job.curlWallSeconds.median, width: 8)
          + ImportReport.fixed(job.convoyWallSeconds.median, width: 10)
          + String(repeating: " ", count: 14) + job.ratio.text
          + ImportReport.fixed(job.cpuRatio.median, width: 6)
          + ImportReport.fixed(job.convoyPeakBytes.map { Double($0) / 1_048_576 }, width: 10))
    }
    return lines.joined(separator: "\n")
  }
}
