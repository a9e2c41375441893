internal import Postgres
internal import Synchronization

/// Makes indexes and keys again that a load took off its tables.
public struct Restoration: Sendable {
  private let target: ConnectionTarget
  private let connections: Int
  private let stop: StopSignal

  init(_ target: ConnectionTarget, connections: Int, stop: StopSignal) {
    self.target = target
    self.connections = connections
    self.stop = stop
  }

  /// Restores what runs left off that are over, as after `kill -9`.
  ///
  /// - Parameter choice: the database; a local one is started.
  /// - Returns: what was made again, such as `index idx_exai_messages_created_at`.
  /// - Throws: ``RunError`` that names what could not be made, `PostgresError`.
  public static func repair(_ choice: TargetChoice) async throws -> [String] {
    let target = try await choice.connectionTarget(startingLocal: true)
    return try await Restoration(target, connections: 2, stop: StopSignal()).run(holding: nil)
  }

  /// Restores everything that is off: indexes side by side, then keys, which use them.
  func run(holding pipeline: String?) async throws -> [String] {
    let pending: [DefinitionLedger.Pending]
    do {
      let control = try PostgresConnection(target, applicationName: "convoy restore")
      pending = try DefinitionLedger.pending(control, holding: pipeline)
    }
    try await restore(pending.filter { $0.kind.isIndex })
    try await restore(pending.filter { $0.kind == .primaryKey })
    try await restore(pending.filter { $0.kind == .foreignKey })
    return pending.map { "\($0.kind.rawValue) \($0.name)" }
  }

  /// Makes again what a load of a pipeline took off, whatever its end was.
  ///
  /// - Returns: what ends the run: `failure`, or else that something could not be made.
  func run(holding pipeline: String, after failure: RunError?) async throws -> RunError? {
    if let failure, stop.received != nil {
      // After a signal the user waits, and an index takes its time.
      return RunError(
        failure.kind, failure.message,
        hint:
          "the same command goes on where this one stopped, and restores the indexes that are off; "
          + "convoy doctor --repair restores them at once")
    }
    let later = try await RunError.ending { _ = try await run(holding: pipeline) }
    return failure ?? later
  }

  private func restore(_ definitions: [DefinitionLedger.Pending]) async throws {
    let queue = Queue(definitions)
    try await withThrowingTaskGroup { group in
      for number in 0..<min(connections, definitions.count) {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          let connection = try PostgresConnection(
            target, applicationName: "convoy restore \(number)")
          stop.add(try connection.canceller())
          while let next = queue.next() { try restore(next, connection) }
        }
      }
      try await group.waitForAll()
    }
  }

  private func restore(
    _ definition: DefinitionLedger.Pending, _ connection: borrowing PostgresConnection
  ) throws {
    try stop.check()
    do throws(PostgresError) {
      try DefinitionLedger.restore(definition, connection)
    } catch {
      if let signal = stop.received, error.sqlState == .queryCanceled {
        throw RunError(.interrupted(signal), "interrupted", hint: Self.hint)
      }
      let isLost = error.reason == .connect || error.reason == .connectionLost
      throw RunError(
        isLost ? .unreachable : .failed,
        "\(definition.kind.rawValue) \(definition.name) of \(definition.table) is not restored yet: "
          + error.summary,
        hint: Self.hint)
    }
  }

  /// What is left to do, for whichever connection is free; the lock guards it.
  private final class Queue: Sendable {
    private let left: Mutex<ArraySlice<DefinitionLedger.Pending>>

    init(_ definitions: [DefinitionLedger.Pending]) { left = Mutex(definitions[...]) }

    func next() -> DefinitionLedger.Pending? { left.withLock { $0.popFirst() } }
  }

  static let hint =
    "the rows are in; once what the server names is out of the way, such as messages without a session or "
    + "another index of that name, convoy doctor --repair makes it again, and so does the next run"
}
