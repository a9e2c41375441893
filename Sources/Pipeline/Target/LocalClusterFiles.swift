internal import FoundationEssentials

extension LocalCluster {
  /// Major version of an existing data directory; nil when there is none.
  var dataVersion: Int? {
    // No file means no cluster; an unreadable one is reported by the start that follows.
    let text = try? String(contentsOfFile: "\(dataDirectory)/PG_VERSION", encoding: .utf8)
    return text.flatMap { Int($0.prefix { $0.isNumber }) }
  }

  /// Makes the data directory whole or not at all.
  func makeCluster(_ program: ServerProgram) async throws(RunError) {
    let unfinished = "\(directory)/data.unfinished"
    try replacing(unfinished) {
      if PathFacts(unfinished) != nil { try FileManager.default.removeItem(atPath: unfinished) }
    }
    try await program.run(
      "initdb",
      [
        "-D", "data.unfinished", "-U", Self.userName, "--auth=trust", "--encoding=UTF8",
        "--locale=C.UTF-8",
      ], in: directory)
    try replacing(dataDirectory) {
      let main = "\(unfinished)/postgresql.conf"
      let text = try String(contentsOfFile: main, encoding: .utf8)
      try Data((text + "\ninclude_if_exists 'convoy.conf'\n").utf8)
        .write(to: URL(fileURLWithPath: main))
      try FileManager.default.moveItem(atPath: unfinished, toPath: dataDirectory)
    }
  }

  /// Writes the settings that depend on where the cluster is, and those an import wants.
  ///
  /// They are written at each start, since a state directory may have been moved.
  func writeSettings(owner: ServerUser) throws(RunError) {
    let path = "\(dataDirectory)/convoy.conf"
    // The setting is a list, in which a name is quoted by ", inside a string, quoted by '.
    let listed = socketDirectory.replacing("\"", with: "\"\"")
    let socket = "\"\(listed)\"".replacing("\\", with: "\\\\").replacing("'", with: "''")
    let settings = """
      # Written by convoy at each start; changes belong into postgresql.auto.conf (ALTER SYSTEM).
      listen_addresses = ''
      port = 5432
      unix_socket_directories = '\(socket)'
      unix_socket_permissions = 0700
      shared_buffers = 256MB
      maintenance_work_mem = 128MB
      # What is written ahead for a batch fits in: else workers wait for each other to write it out.
      wal_buffers = 64MB
      max_wal_size = 2GB
      checkpoint_timeout = 15min
      log_checkpoints = off

      """
    try replacing(path) {
      try Data(settings.utf8).write(to: URL(fileURLWithPath: path))
    }
    if owner.needsSwitch { try giveAway(path, to: owner) }
  }

  private func replacing(_ path: String, _ work: () throws -> Void) throws(RunError) {
    do { try work() } catch {
      throw RunError(.fileAccess, "\(path): \(error)")
    }
  }
}
