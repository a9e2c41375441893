internal import FoundationEssentials
internal import Subprocess

/// The directory of an installed PostgreSQL server's programs, and its major version.
struct ServerBinaries: Sendable, Hashable {
  let directory: String
  let majorVersion: Int

  private static let needed = ["initdb", "pg_ctl", "postgres"]

  /// Finds the server to use.
  ///
  /// `CONVOY_PG_BIN` decides when set. Else the newest of `/usr/lib/postgresql/*/bin`, then each
  /// directory of `PATH`, then what `pg_config` names.
  ///
  /// - Parameters:
  ///   - environment: where `CONVOY_PG_BIN` and `PATH` are looked up.
  ///   - majorVersion: the version an existing data directory was made by; no other can read it.
  /// - Returns: the server's programs.
  /// - Throws: ``RunError`` naming the package to install.
  static func find(environment: [String: String], majorVersion: Int?) async throws(RunError)
    -> ServerBinaries
  {
    var candidates: [ServerBinaries] = []
    if let chosen = environment["CONVOY_PG_BIN"], !chosen.isEmpty {
      guard let found = await probe(chosen) else {
        throw RunError(
          .failed,
          "CONVOY_PG_BIN: \(chosen) does not hold initdb, pg_ctl and postgres that run here")
      }
      candidates = [found]
    } else {
      candidates = await installed(environment: environment)
    }
    if let majorVersion {
      if let same = candidates.first(where: { $0.majorVersion == majorVersion }) { return same }
      throw RunError(
        .failed,
        "the local database was made by PostgreSQL \(majorVersion), which is not installed",
        hint: "apt-get install postgresql-\(majorVersion); or give up its data: convoy local remove"
      )
    }
    guard let newest = candidates.max(by: { $0.majorVersion < $1.majorVersion }) else {
      throw RunError(
        .failed, "no PostgreSQL server is installed (initdb and pg_ctl were not found)",
        hint: "apt-get install postgresql; or set CONVOY_PG_BIN to the directory of initdb")
    }
    return newest
  }

  private static func installed(environment: [String: String]) async -> [ServerBinaries] {
    let packages = "/usr/lib/postgresql"
    // No such directory means none of Debian's packages is there, which is an ordinary answer.
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: packages)) ?? []
    var found: [ServerBinaries] = []
    for version in versions {
      if let binaries = await probe("\(packages)/\(version)/bin") { found.append(binaries) }
    }
    guard found.isEmpty else { return found }
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in path.split(separator: ":") where directory.hasPrefix("/") {
      if let binaries = await probe(String(directory)) { return [binaries] }
    }
    if let directory = await printed(by: "pg_config", ["--bindir"], path: path),
      let binaries = await probe(directory)
    {
      return [binaries]
    }
    return []
  }

  private static func probe(_ directory: String) async -> ServerBinaries? {
    guard
      needed.allSatisfy({
        FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)")
      }),
      // postgres (PostgreSQL) 17.10 (Debian 17.10-1), or 18beta2
      let text = await printed(by: "postgres", ["--version"], path: directory),
      let number = text.split(separator: " ").first(where: { $0.first?.isNumber ?? false }),
      let majorVersion = Int(number.prefix { $0.isNumber })
    else { return nil }
    return ServerBinaries(directory: directory, majorVersion: majorVersion)
  }

  private static func printed(by program: String, _ arguments: [String], path: String) async
    -> String?
  {
    // A program that cannot be run is not an installed server; why it cannot is not asked here.
    let result = try? await run(
      .name(program), arguments: Arguments(arguments),
      environment: .inherit.updating(["PATH": path]), output: .string(limit: 4096),
      error: .discarded)
    guard let result, result.terminationStatus.isSuccess else { return nil }
    return result.standardOutput.split(whereSeparator: \.isNewline).joined()
  }
}
