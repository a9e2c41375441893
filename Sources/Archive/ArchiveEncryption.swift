/// For whom an archive's parts are encrypted, and by which program.
public struct ArchiveEncryption: Sendable, Hashable, Codable {
  /// A program that encrypts from standard input to standard output.
  public enum Program: String, Sendable, Hashable, Codable {
    /// https://age-encryption.org
    case age
    /// GnuPG
    case gpg
  }

  /// The program.
  public var program: Program
  /// Those whose keys open the parts, as the program names them: public keys of age, fingerprints of gpg.
  public var recipients: [String]

  /// Makes a description.
  public init(_ program: Program, recipients: [String]) {
    self.program = program
    self.recipients = recipients
  }

  /// What stands behind `.gz` in the names of parts.
  public var suffix: String { ".\(program.rawValue)" }
}

/// What opens encrypted parts.
public enum ArchiveKey: Sendable, Hashable {
  /// The path of a file of age identities.
  case identityFile(String)
  /// The text of such a file, which is a secret.
  case identity(String)
  /// The keyring of gpg.
  case keyring
}

/// A file's bytes, whatever they mean.
public struct StoredForm: Sendable, Hashable, Codable {
  /// How many they are.
  public var bytes: Int
  /// Their SHA-256.
  public var sha256: ContentDigest

  /// Makes a form of what is known of it.
  public init(bytes: Int, sha256: ContentDigest) {
    self.bytes = bytes
    self.sha256 = sha256
  }

  /// Reads a file.
  /// - Parameter path: the file.
  /// - Throws: ``FileError``.
  public init(ofFile path: String) throws(FileError) {
    var hash = ContentHash()
    var file = try InputFile(path: path)
    var bytes: [UInt8] = []
    while try file.read(into: &bytes, upTo: 1 << 20) > 0 {
      hash.update(bytes.span)
      bytes.removeAll(keepingCapacity: true)
    }
    self.init(bytes: file.bytesRead, sha256: hash.digest)
  }
}
