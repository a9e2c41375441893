internal import Foundation

/// Loads the same documents with every tool there is, in rounds, each time into the same empty tables.
struct PeersComparison {
  let setting: PeerSetting
  let server: BenchServer
  let documents: ThreadDocuments
  let environment: [String: String]

  struct Result {
    let kind: Peer.Kind
    let version: String?
    let outcome: PeerOutcome
  }

  func results(rounds: Int, skipping: [Peer.Kind]) async throws -> [Result] {
    let peers = try await found(skipping)
    Self.tell("loading once with convoy, to know the rows and make them ready")
    let expected = try await prepare(for: Set(peers.values.map(\.kind.leaves)))
    let order = Peer.Kind.allCases.compactMap { peers[$0] }
    var outcomes: [Peer.Kind: PeerOutcome] = [:]
    for round in 0..<rounds {
      for place in order.indices {
        // Another tool comes first in each round, so that none always follows the same one.
        let peer = order[(place + round) % order.count]
        let outcome = try await load(peer, round: round + 1, expected, outcomes[peer.kind])
        outcomes[peer.kind] = outcome
      }
    }
    return Peer.Kind.allCases.map { kind in
      let absent = skipping.contains(kind) ? PeerOutcome.skipped : .notInstalled
      return Result(
        kind: kind, version: peers[kind]?.version, outcome: outcomes[kind] ?? absent)
    }
  }

  private func found(_ skipping: [Peer.Kind]) async throws -> [Peer.Kind: Peer] {
    var peers: [Peer.Kind: Peer] = [:]
    for kind in Peer.Kind.allCases where !skipping.contains(kind) {
      peers[kind] =
        switch kind {
        case .convoy: try await ConvoyPeer.find(setting)
        case .psycopg: try await PsycopgPeer.find(setting)
        case .dlt: try await DltPeer.find(setting)
        case .pgloader: try await PgloaderPeer.find(setting)
        case .sling: try await SlingPeer.find(setting)
        case .psql: try await PsqlPeer.find(setting)
        }
    }
    return peers
  }

  /// Makes the template database and the ready-made rows, and says what each tool has to leave.
  ///
  /// What a tool maps itself is compared with convoy's rows too, so the two check each other.
  private func prepare(for kinds: Set<LoadedRows>) async throws -> [LoadedRows: TableContents] {
    try await server.makeEmptyTemplate()
    _ = try process(ConvoyPeer.makeTemplate(setting), log: "schema-apply").run()
    try await server.makeFreshDatabase()
    _ = try process(ConvoyPeer.command(setting, report: "prepare"), log: "convoy-prepare").run()
    _ = try process(PsqlPeer.makeRows(setting), log: "psql-prepare").run()
    var expected: [LoadedRows: TableContents] = [:]
    for rows in kinds {
      // Nothing but convoy's own tables is there yet.
      let asMade =
        if case .mappedColumns = rows { LoadedRows.mappedColumns(schema: "public") } else { rows }
      let contents = try await asMade.contents(on: server)
      guard contents.sessions.rows == documents.sessions,
        contents.messages.rows == documents.sessions * documents.turns
      else {
        throw BenchError.wrongRows(
          tool: .convoy,
          expected: TableContents(
            sessions: .init(rows: documents.sessions, sum: "any"),
            messages: .init(rows: documents.sessions * documents.turns, sum: "any")),
          found: contents)
      }
      expected[rows] = contents
    }
    return expected
  }

  /// A tool that failed or left wrong rows once is not tried again: it has no time any more.
  private func load(
    _ peer: Peer, round: Int, _ expected: [LoadedRows: TableContents], _ before: PeerOutcome?
  ) async throws -> PeerOutcome {
    var runs: [PeerRun] = []
    switch before {
    case .loaded(let earlier): runs = earlier
    case .some(let final): return final
    case nil: break
    }
    try await server.makeFreshDatabase()
    let run: PeerRun
    do {
      run = try measure(peer, round: round)
    } catch BenchError.failed(_, let ending, let output) {
      Self.tell("round \(round) \(peer.kind.rawValue): failed")
      return .failed("\(ending): \(output)")
    }
    Self.tell(
      "round \(round) \(peer.kind.rawValue): \(ImportReport.fixed(run.wallSeconds, width: 0)) s")
    return try await outcome(of: peer, expected) ?? .loaded(runs + [run])
  }

  /// Nil if the rows are right.
  private func outcome(
    of peer: Peer, _ expected: [LoadedRows: TableContents]
  ) async throws -> PeerOutcome? {
    guard let wanted = expected[peer.kind.leaves] else { return nil }
    let found: TableContents
    do {
      found = try await peer.kind.leaves.contents(on: server)
    } catch BenchError.failed(_, let ending, let output) {
      // A tool's own tables may not be there at all.
      return .failed("its rows cannot be read: \(ending): \(output)")
    }
    return found == wanted ? nil : .wrongRows(expected: wanted, found: found)
  }

  private func measure(_ peer: Peer, round: Int) throws -> PeerRun {
    let before = try server.cpu?.ticks()
    let cost = try process(
      peer.command, log: "\(peer.kind.rawValue)-\(round)", peer.variables
    ).run()
    let after = try server.cpu?.ticks()
    var serverSeconds: Double?
    if let before, let after { serverSeconds = ServerCPU.seconds(ticks: after - before) }
    return PeerRun(
      round: round, wallSeconds: cost.wallSeconds, clientCPUSeconds: cost.cpuSeconds,
      serverCPUSeconds: serverSeconds, clientPeakBytes: cost.peakBytes)
  }

  private func process(
    _ command: [String], log: String, _ variables: [String: String] = [:]
  ) -> MeasuredProcess {
    MeasuredProcess(
      command: command, environment: environment.merging(variables) { $1 },
      log: setting.directory.appending(path: "logs/\(log).log"))
  }

  private static func tell(_ progress: String) {
    FileHandle.standardError.write(Data("\(progress)\n".utf8))
  }
}
