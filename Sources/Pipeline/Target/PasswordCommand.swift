internal import Subprocess

/// A shell command that prints the password of a target; asked once, however many connections there are.
actor PasswordCommand {
  private static let limitBytes = 64 << 10

  private let command: String
  private var password: String?

  init(_ command: String) { self.command = command }

  /// What the command prints, without the line's end.
  ///
  /// Neither its output nor what it says on standard error is ever shown: both may hold the password, and
  /// so may the command itself.
  ///
  /// - Returns: the password.
  /// - Throws: ``RunError`` when the command fails, or prints nothing or too much.
  func read() async throws(RunError) -> String {
    if let password { return password }
    let printed: String
    do {
      let result = try await run(
        .name("sh"), arguments: ["-c", command], output: .string(limit: Self.limitBytes),
        error: .discarded)
      guard result.terminationStatus.isSuccess else {
        switch result.terminationStatus {
        case .exited(let code): throw Self.refused("ended with status \(code)")
        case .signaled(let signal): throw Self.refused("was ended by signal \(signal)")
        }
      }
      printed = result.standardOutput
    } catch let error as RunError {
      throw error
    } catch {
      // Its description could quote the command.
      throw Self.refused("could not be run, or printed more than \(Self.limitBytes >> 10) KiB")
    }
    let line = Self.withoutLineEnd(printed)
    guard !line.isEmpty else { throw Self.refused("printed nothing") }
    password = line
    return line
  }

  private static func withoutLineEnd(_ text: String) -> String {
    var bytes = Array(text.utf8)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func refused(_ what: String) -> RunError {
    RunError(
      .failed, "the password command \(what)",
      hint: "run it by itself; it is load.passwordCommand, else CONVOY_PASSWORD_COMMAND")
  }
}
