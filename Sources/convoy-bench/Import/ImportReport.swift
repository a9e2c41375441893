internal import Foundation

/// The comparison as printed, and with `--json` as one object.
struct ImportReport: Encodable {
  let schema = "convoy.bench.import/1"
  let sessions: Int
  let messages: Int
  let inputBytes: Int
  let workers: Int?
  /// The machine's one-minute load before the first measured run; well above 0 means foreign work.
  let loadAverage: Double
  let runs: [ImportRun]
  let ratios: Ratios

  /// convoy divided by psql within each pair: below 1 convoy is the cheaper one.
  struct Ratios: Encodable {
    let wall: Spread
    let clientCPU: Spread
    let serverCPU: Spread?
  }

  init(documents: ThreadDocuments, inputBytes: Int, workers: Int?, load: Double, runs: [ImportRun])
  {
    sessions = documents.sessions
    messages = documents.sessions * documents.turns
    self.inputBytes = inputBytes
    self.workers = workers
    loadAverage = load
    self.runs = runs
    let pairs = Set(runs.map(\.pair)).sorted().compactMap { pair -> (ImportRun, ImportRun)? in
      guard let convoy = runs.first(where: { $0.pair == pair && $0.tool == .convoy }),
        let psql = runs.first(where: { $0.pair == pair && $0.tool == .psql })
      else { return nil }
      return (convoy, psql)
    }
    ratios = Ratios(
      wall: Spread(pairs.map { $0.wallSeconds / $1.wallSeconds }),
      clientCPU: Spread(pairs.map { $0.clientCPUSeconds / $1.clientCPUSeconds }),
      serverCPU: Spread(
        ifAny: pairs.compactMap { convoy, psql in
          guard let ours = convoy.serverCPUSeconds, let theirs = psql.serverCPUSeconds else {
            return nil
          }
          return ours / theirs
        }))
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    var lines = [
      "\(sessions) sessions, \(messages) messages, \(inputBytes) bytes of JSONL; "
        + "load average \(loadAverage)",
      "pair  tool      wall s  client CPU s  server CPU s  peak MiB",
    ]
    for run in runs {
      lines.append(
        Self.left("\(run.pair)", 6) + Self.left(run.tool.rawValue, 8)
          + Self.fixed(run.wallSeconds, width: 8) + Self.fixed(run.clientCPUSeconds, width: 14)
          + Self.fixed(run.serverCPUSeconds, width: 14)
          + Self.fixed(run.clientPeakBytes.map { Double($0) / 1_048_576 }, width: 10))
    }
    lines.append("convoy ÷ psql   median    min    max")
    lines.append(Self.left("wall", 13) + ratios.wall.text)
    lines.append(Self.left("client CPU", 13) + ratios.clientCPU.text)
    if let server = ratios.serverCPU { lines.append(Self.left("server CPU", 13) + server.text) }
    return lines.joined(separator: "\n")
  }

  /// Two decimals, or a dash for what could not be measured.
  static func fixed(_ value: Double?, width: Int) -> String {
    let digits = value.map { String(format: "%.2f", $0) } ?? "–"
    return String(repeating: " ", count: max(0, width - digits.count)) + digits
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

/// Median and extremes; medians of ratios, because a slow moment of the machine meets both runs of a pair.
struct Spread: Encodable {
  let median: Double
  let min: Double
  let max: Double

  init?(ifAny values: [Double]) {
    guard !values.isEmpty else { return nil }
    self.init(values)
  }

  /// `values` must not be empty.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    min = sorted[0]
    max = sorted[sorted.count - 1]
  }

  var text: String {
    ImportReport.fixed(median, width: 9) + ImportReport.fixed(min, width: 7)
      + ImportReport.fixed(max, width: 7)
  }
}
