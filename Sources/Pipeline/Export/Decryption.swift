internal import Archive
internal import Subprocess

/// Reads encrypted files of an archive by way of the program that decrypts them.
struct Decryption: Sendable {
  private let archive: ArchiveDirectory

  init(_ archive: ArchiveDirectory) { self.archive = archive }

  /// Decrypts a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - stored: what it was written as.
  ///   - subject: what errors call it; nil for its path.
  ///   - body: reads what the program puts out, to the end: only then has it seen whether the file is whole.
  /// - Returns: what the body returns.
  /// - Throws: ``RunError``, of kind `overBudget` where the file is not as it was written; `FileError`; what the
  ///   body throws.
  func run<Result: Sendable>(
    on path: String, _ stored: StoredForm, as subject: String? = nil,
    _ body: (SubprocessOutputSequence) async throws -> Result
  ) async throws -> Result {
    let key = try required()
    do {
      let program = CipherProgram(program: key.program, arguments: key.arguments(path))
      return try await program.run(on: subject ?? path) { running -> Result in
        if let identity = key.input { _ = try await running.standardInputWriter.write(identity) }
        try await running.standardInputWriter.finish()
        return try await body(running.standardOutput)
      }
    } catch let error as RunError {
      // What is not as it was written is opened by no key.
      guard try StoredForm(ofFile: path) == stored else {
        throw RunError(.overBudget, "\(subject ?? path): its bytes are not those that were written")
      }
      throw error
    }
  }

  private func required() throws(RunError) -> ArchiveKey {
    if let key = archive.key { return key }
    let encryption = archive.manifest.encryption
    throw RunError(
      .failed,
      "\(archive.path) is encrypted for \(encryption?.recipients.joined(separator: ", ") ?? "somebody")",
      hint: encryption?.program == .gpg
        ? "the keyring of gpg must have the secret key"
        : "--identity FILE names a file of age identities, \(ArchiveKeySearch.variable) holds the text of one"
    )
  }
}

extension ArchiveKey {
  fileprivate var program: ArchiveEncryption.Program {
    switch self {
    case .identityFile, .identity: .age
    case .keyring: .gpg
    }
  }

  /// What the program gets on its standard input.
  fileprivate var input: String? {
    switch self {
    case .identity(let text): text
    case .identityFile, .keyring: nil
    }
  }

  fileprivate func arguments(_ path: String) -> [String] {
    switch self {
    case .identityFile(let file): ["--decrypt", "--identity", file, "--", path]
    case .identity: ["--decrypt", "--identity", "-", "--", path]
    case .keyring: ["--batch", "--no-tty", "--quiet", "--decrypt", "--", path]
    }
  }
}
