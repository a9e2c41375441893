internal import Subprocess

extension TestDatabase {
  /// What `pg_dump` writes of it; the server's own, because an older one refuses a newer server.
  ///
  /// - Parameter options: further arguments.
  /// - Returns: the dump.
  /// - Throws: ``TestFailure`` with what it said, when it fails.
  public func dump(_ options: [String] = []) async throws -> String {
    let programs = try await ServerPrograms()
    let result = try await Subprocess.run(
      .name("env"), arguments: Arguments(["pg_dump", "--dbname", url] + options),
      environment: .custom(["PATH": "\(programs.directory):/usr/bin:/bin", "LC_ALL": "C.UTF-8"]),
      output: .string(limit: 64 << 20), error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw TestFailure("pg_dump of \(name) failed: \(result.standardError)")
    }
    return result.standardOutput
  }
}
