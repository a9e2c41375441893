internal import Subprocess

/// A shell command that prints a secret; asked once, however many connections there are.
actor SecretCommand {
  /// What it prints.
  enum Secret: String {
    /// The password of a target.
    case password
    /// What opens a project's Storage.
    case key
  }

  private static let limitBytes = 64 << 10

  private let command: String
  private let kind: Secret
  private var secret: String?

  init(_ command: String, prints kind: Secret) {
    self.command = command
    self.kind = kind
  }

  /// What the command prints, without the line's end.
  ///
  /// Neither its output nor what it says on standard error is ever shown: both may hold the secret, and
  /// so may the command itself.
  ///
  /// - Returns: the secret.
  /// - Throws: ``RunError`` when the command fails, or prints nothing or too much.
  func read() async throws(RunError) -> String {
    if let secret { return secret }
    let printed: String
    do {
      let result = try await run(
        .name("sh"), arguments: ["-c", command], output: .string(limit: Self.limitBytes),
        error: .discarded)
      guard result.terminationStatus.isSuccess else {
        switch result.terminationStatus {
        case .exited(let code): throw refused("ended with status \(code)")
        case .signaled(let signal): throw refused("was ended by signal \(signal)")
        }
      }
      printed = result.standardOutput
    } catch let error as RunError {
      throw error
    } catch {
      // Its description could quote the command.
      throw refused("could not be run, or printed more than \(Self.limitBytes >> 10) KiB")
    }
    let line = Self.withoutLineEnd(printed)
    guard !line.isEmpty else { throw refused("printed nothing") }
    secret = line
    return line
  }

  private static func withoutLineEnd(_ text: String) -> String {
    var bytes = Array(text.utf8)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func refused(_ what: String) -> RunError {
    let place =
      switch kind {
      case .password: "load.passwordCommand, else CONVOY_PASSWORD_COMMAND"
      case .key: "store.keyCommand"
      }
    return RunError(
      .failed, "the \(kind.rawValue) command \(what)", hint: "run it by itself; it is \(place)")
  }
}
