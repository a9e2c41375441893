internal import FoundationEssentials
internal import Postgres

#if canImport(Glibc)
  internal import Glibc
#endif

/// What `convoy local status` tells.
public struct LocalStatus: Sendable {
  /// Whether the server answers or is about to.
  public let isRunning: Bool
  /// The server's version while it runs, else the major version of its files; nil without files.
  public let version: String?
  /// Where the data is, whether or not it exists.
  public let dataDirectory: String
  /// Where the socket is while the server runs.
  public let socketDirectory: String
  /// Bytes of all files of the data directory; 0 without one.
  public let sizeBytes: Int
}

extension LocalCluster {
  /// Looks at the cluster without changing or starting it.
  ///
  /// - Returns: what was seen.
  /// - Throws: ``RunError`` when the cluster is another user's, who alone can see into it.
  public func status() throws(RunError) -> LocalStatus {
    _ = try ServerUser.choose(dataOwner: filesOwner)
    let isRunning = postmaster() != nil
    var version = dataVersion.map { String($0) }
    if isRunning {
      version = exactVersion() ?? version
    }
    // A directory that is not there, or vanishes meanwhile, has no size.
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: dataDirectory)) ?? []
    let sizeBytes = files.reduce(0) { sum, file in
      guard let facts = PathFacts("\(dataDirectory)/\(file)", followingLink: false),
        !facts.isDirectory
      else { return sum }
      return sum + facts.sizeBytes
    }
    return LocalStatus(
      isRunning: isRunning, version: version, dataDirectory: dataDirectory,
      socketDirectory: socketDirectory, sizeBytes: sizeBytes)
  }

  private func exactVersion() -> String? {
    // A server that is starting or stopping does not answer; its major version is known anyway.
    guard let connection = try? PostgresConnection(target(database: "postgres")) else { return nil }
    return (try? connection.query("SHOW server_version"))?.first?.text(0)
  }

  /// Process id of the running server.
  ///
  /// The pid file alone proves nothing: after a crash or a restart of the machine its number may
  /// be another process's, or a dead child nobody has waited for. A server of this cluster has the
  /// data directory as its working directory.
  func postmaster() -> Int32? {
    guard let process = recordedProcess, worksInData(process) else { return nil }
    return process
  }

  /// Waits for a server that another process has just started, or that recovers from a crash.
  func waitUntilReady() async throws {
    for _ in 0..<600 {
      let state = pidFileLines.count > 7 ? pidFileLines[7] : ""
      if state.hasPrefix("ready") { return }
      guard postmaster() != nil else { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw RunError(
      .unreachable, "the local server does not get ready", hint: "the server's log is \(logFile)")
  }

  /// Clears what a killed server left behind, so that the next one starts.
  ///
  /// Its children notice its death within moments. Its lock files stop the next server only if
  /// their number now names some other process, or a dead child nobody has waited for: the server's
  /// own check would take that for a running server.
  func clearStaleProcess() async throws {
    var rounds = 0
    while let process = processesInData().first {
      guard rounds < 200 else {
        throw RunError(
          .failed, "process \(process) of a killed server still works in \(dataDirectory)")
      }
      rounds += 1
      try await Task.sleep(for: .milliseconds(50))
    }
    var stale = ["\(socketDirectory)/.s.PGSQL.5432", "\(socketDirectory)/.s.PGSQL.5432.lock"]
    if let process = recordedProcess, PathFacts("/proc/\(process)") != nil {
      stale.append("\(dataDirectory)/postmaster.pid")
    }
    for path in stale where PathFacts(path, followingLink: false) != nil {
      try FileManager.default.removeItem(atPath: path)
    }
  }

  private var pidFileLines: [Substring] {
    // No file means no server.
    let text = try? String(contentsOfFile: "\(dataDirectory)/postmaster.pid", encoding: .utf8)
    return (text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
  }

  private var recordedProcess: Int32? {
    pidFileLines.first.flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  private func worksInData(_ process: Int32) -> Bool {
    guard let data = PathFacts(dataDirectory), let place = PathFacts("/proc/\(process)/cwd") else {
      return false
    }
    return place.isSameFile(as: data)
  }

  private func processesInData() -> [Int32] {
    // Without /proc nothing can be found out here, and the server's own checks must do.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { worksInData($0) }
  }
}
