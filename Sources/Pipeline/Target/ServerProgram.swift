internal import Subprocess

/// Runs programs of the server package as the server's user.
struct ServerProgram: Sendable {
  let binaries: ServerBinaries
  let user: ServerUser
  /// What the caller's environment is; libpq's and the server's own variables are left out.
  let environment: [String: String]

  /// Runs one program to its end.
  ///
  /// - Parameters:
  ///   - name: the program.
  ///   - arguments: what it gets; paths relative to `directory`, because pg_ctl hands them to a shell
  ///     that would read quotes and dollar signs in a path.
  ///   - directory: where it works; the caller's may be closed to the server's user.
  /// - Throws: ``RunError`` with what the program said, when it fails.
  func run(_ name: String, _ arguments: [String], in directory: String)
    async throws(RunError)
  {
    var options = PlatformOptions()
    // Privileges are dropped by setpriv(1), behind exec: glibc's setgroups waits in a forked child for
    // threads that were just ending in the parent, and those never end there.
    let dropping =
      user.needsSwitch
      ? [
        "setpriv", "--reuid", "\(user.userID)", "--regid", "\(user.groupID)", "--groups",
        "\(user.groupID)",
      ] : []
    // The server must outlive an interrupt typed at the terminal it was started from.
    options.createSession = true
    var variables = environment.filter { !$0.key.hasPrefix("PG") }
    let path = variables["PATH"] ?? "/usr/bin:/bin"
    variables["PATH"] = "\(binaries.directory):\(path)"
    variables["LC_ALL"] = "C.UTF-8"
    let given = Dictionary(
      uniqueKeysWithValues: variables.compactMap { name, value in
        Environment.Key(rawValue: name).map { ($0, value) }
      })
    let said: String
    do {
      let result = try await Subprocess.run(
        .name("env"), arguments: Arguments(dropping + ["env", "-C", directory, name] + arguments),
        environment: .custom(given), platformOptions: options, output: .string(limit: 1 << 20),
        error: .combinedWithOutput)
      if result.terminationStatus.isSuccess { return }
      said = result.standardOutput
    } catch {
      throw RunError(.failed, "\(binaries.directory)/\(name) as user \(user.name): \(error)")
    }
    let lines = said.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
    throw RunError(.failed, "\(name) failed: \(lines)")
  }
}
