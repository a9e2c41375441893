public import Archive
internal import Subprocess

/// Finds what opens an archive's parts.
public struct ArchiveKeySearch: Sendable {
  /// The variable that holds the text of a file of age identities; no program that is started gets it.
  public static let variable = "CONVOY_IDENTITY"

  static let variableKey: Environment.Key = "CONVOY_IDENTITY"

  private let identityFile: String?
  private let environment: [String: String]

  /// Prepares to look.
  ///
  /// - Parameters:
  ///   - identityFile: a file of age identities, if one was named.
  ///   - environment: where ``variable`` may be.
  public init(identityFile: String?, environment: [String: String]) {
    self.identityFile = identityFile
    self.environment = environment
  }

  /// Gives an archive its key.
  ///
  /// - Parameter archive: takes the key; nothing is looked for where it is not encrypted.
  /// - Throws: ``RunError`` where gpg is needed and not there. That there is no key is no error.
  public func open(_ archive: inout ArchiveDirectory) async throws {
    guard let encryption = archive.manifest.encryption else { return }
    switch encryption.program {
    case .age:
      if let identityFile {
        archive.key = .identityFile(identityFile)
      } else if let text = environment[Self.variable], !text.isEmpty {
        archive.key = .identity(text)
      }
    case .gpg:
      if try await hasSecretKey(encryption.recipients) { archive.key = .keyring }
    }
  }

  private func hasSecretKey(_ recipients: [String]) async throws -> Bool {
    for recipient in recipients {
      let result: ExecutionResult<Void, DiscardedOutput, DiscardedOutput>
      do {
        result = try await run(
          .name("gpg"), arguments: ["--batch", "--no-tty", "--list-secret-keys", "--", recipient],
          environment: .inherit.updating([Self.variableKey: nil]), output: .discarded)
      } catch let error as SubprocessError where error.code == .executableNotFound {
        return false
      }
      if result.terminationStatus.isSuccess { return true }
    }
    return false
  }
}
