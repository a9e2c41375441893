internal import Foundation

/// What every tool did, and with `--json` the same as one object.
struct PeersReport: Encodable {
  let schema = "convoy.bench.peers/1"
  let sessions: Int
  let messages: Int
  let inputBytes: Int
  let rounds: Int
  /// The machine's one-minute load before the first load; well above 0 means foreign work.
  let loadAverage: Double
  let tools: [Tool]

  /// One tool; the figures are absent unless every one of its runs left the right rows.
  struct Tool: Encodable {
    let name: Peer.Kind
    let version: String?
    let job: PeerJob
    let given: String
    let note: String
    /// The columns that were compared with what convoy stored.
    let compared: String
    /// Why it has no figures; nil if it has.
    let noFigures: String?
    let runs: [PeerRun]
    let wallSeconds: Spread?
    let rowsPerSecond: Double?
    let clientCPUSeconds: Spread?
    let serverCPUSeconds: Spread?
    let peakBytes: Int?
    /// Its wall time divided by convoy's of the same round.
    let wallByConvoy: Spread?
  }

  init(
    documents: ThreadDocuments, inputBytes: Int, rounds: Int, loadAverage: Double,
    results: [PeersComparison.Result]
  ) {
    sessions = documents.sessions
    messages = documents.sessions * documents.turns
    self.inputBytes = inputBytes
    self.rounds = rounds
    self.loadAverage = loadAverage
    let rows = Double(sessions + messages)
    let convoy = results.first { $0.kind == .convoy }?.runs ?? []
    tools = results.map { result in
      let wall = Spread(ifAny: result.runs.map(\.wallSeconds))
      return Tool(
        name: result.kind, version: result.version, job: result.kind.job,
        given: result.kind.job.given, note: result.kind.note,
        compared: result.kind.leaves.columns, noFigures: result.noFigures, runs: result.runs,
        wallSeconds: wall, rowsPerSecond: wall.map { rows / $0.median },
        clientCPUSeconds: Spread(ifAny: result.runs.map(\.clientCPUSeconds)),
        serverCPUSeconds: Spread(ifAny: result.runs.compactMap(\.serverCPUSeconds)),
        peakBytes: result.runs.compactMap(\.clientPeakBytes).max(),
        wallByConvoy: Spread(
          ifAny: result.runs.compactMap { run in
            convoy.first { $0.round == run.round }.map { run.wallSeconds / $0.wallSeconds }
          }))
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension PeersComparison.Result {
  fileprivate var runs: [PeerRun] {
    if case .loaded(let runs) = outcome { runs } else { [] }
  }

  fileprivate var noFigures: String? {
    switch outcome {
    case .loaded: nil
    case .skipped: "skipped"
    case .notInstalled: "not installed: \(kind.install)"
    case .failed(let reason): "failed: \(reason)"
    case .wrongRows(let expected, let found): "wrong rows: left \(found), expected \(expected)"
    }
  }
}
