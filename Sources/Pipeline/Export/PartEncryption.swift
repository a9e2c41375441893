internal import Archive
internal import Subprocess

/// Encrypts parts for some recipients, by a program that gets their public keys only.
struct PartEncryption: Sendable {
  let encryption: ArchiveEncryption

  private var program: CipherProgram {
    let recipients = encryption.recipients.flatMap { ["--recipient", $0] }
    return switch encryption.program {
    case .age: CipherProgram(program: .age, arguments: ["--encrypt"] + recipients)
    case .gpg:
      // A fingerprint names a key that was chosen already, whatever gpg thinks of who owns it; gzip has
      // compressed what there is; and nobody is added whom the pipeline does not name.
      CipherProgram(
        program: .gpg,
        arguments: [
          "--batch", "--no-tty", "--quiet", "--trust-model", "always", "--no-encrypt-to",
          "--compress-algo", "none", "--encrypt",
        ] + recipients)
    }
  }

  /// Encrypts nothing, to learn whether the program is there and takes the recipients.
  ///
  /// - Throws: ``RunError``.
  func check() async throws {
    try await program.run(on: "export.encrypt") { running in
      try await running.standardInputWriter.finish()
      for try await _ in running.standardOutput {}
    }
  }

  /// Writes an encrypted file.
  ///
  /// - Parameters:
  ///   - path: where the file appears, on disk and readable by its owner alone.
  ///   - body: gives the bytes to encrypt to what it is given, in order.
  /// - Returns: the file's bytes.
  /// - Throws: ``RunError``, `FileError`, and what the body throws; the file may be there then.
  func write(
    _ path: String, _ body: (StandardInputWriter) async throws -> Void
  ) async throws -> StoredForm {
    try await program.run(on: path) { running in
      let output = running.standardOutput
      return try await withThrowingTaskGroup(of: StoredForm.self) { group in
        // Not on the thread that waits for the server.
        group.addTask(executorPreference: globalConcurrentExecutor) {
          try await Self.store(output, as: path)
        }
        do {
          try await body(running.standardInputWriter)
          try await running.standardInputWriter.finish()
        } catch {
          // Otherwise the program would wait for more, and the group for the program. Ending twice is no error.
          try? await running.standardInputWriter.finish()
          throw error
        }
        guard let stored = try await group.next() else { throw CancellationError() }
        return stored
      }
    }
  }

  private static func store(
    _ output: SubprocessOutputSequence, as path: String
  ) async throws -> StoredForm {
    var file = try OutputFile(path: path, permissions: 0o600)
    var hash = ContentHash()
    var failure: FileError?
    for try await buffer in output {
      // What cannot be stored is still taken, so that the program does not stand still.
      guard failure == nil else { continue }
      let bytes = Array(buffer)
      hash.update(bytes.span)
      do throws(FileError) { try file.write(bytes.span) } catch { failure = error }
    }
    if let failure { throw failure }
    let count = file.bytesWritten
    try file.finish()
    return StoredForm(bytes: count, sha256: hash.digest)
  }
}
