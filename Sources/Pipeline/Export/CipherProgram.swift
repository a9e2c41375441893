internal import Archive
internal import Glibc
internal import Subprocess
internal import Synchronization

/// A program that encrypts or decrypts what goes through it, run once for each part.
struct CipherProgram: Sendable {
  /// What a body is given of the running program.
  typealias Running = Execution<CustomWriteInput, SequenceOutput, StringOutput<UTF8>>

  private static let limitBytes = 64 << 10

  let program: ArchiveEncryption.Program
  /// Nothing secret among them: any user of the machine can read them.
  let arguments: [String]

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - subject: what it works on, for errors.
  ///   - body: writes to its standard input and reads its standard output to the end. Where it throws, the
  ///     program is ended.
  /// - Returns: what the body returns.
  /// - Throws: ``RunError`` with what the program said, where it is missing or fails; the body's errors.
  func run<Result: Sendable>(
    on subject: String, _ body: (Running) async throws -> Result
  ) async throws -> Result {
    BrokenPipe.expect()
    defer { BrokenPipe.forget() }
    let result: Result?
    let status: TerminationStatus
    let said: String
    do {
      let ended = try await Subprocess.run(
        .name(program.rawValue), arguments: Arguments(arguments),
        environment: .inherit.updating([ArchiveKeySearch.variableKey: nil]), input: .inputWriter,
        output: .sequence, error: .string(limit: Self.limitBytes)
      ) { running -> Result? in
        do {
          return try await body(running)
        } catch is SubprocessError {
          // It ended under the body's feet; its status says why.
          return nil
        }
      }
      (result, status, said) = (ended.closureResult, ended.terminationStatus, ended.standardError)
    } catch let error as SubprocessError {
      guard error.code == .executableNotFound else {
        throw RunError(.failed, "\(subject): \(program.rawValue) cannot be run: \(error)")
      }
      throw RunError(
        .failed, "\(subject): there is no program \(program.rawValue)",
        hint: "install it; Debian's package is \(program == .age ? "age" : "gnupg")")
    }
    guard status.isSuccess, let result else {
      let lines = said.split(whereSeparator: \.isNewline)
        .filter { !$0.hasPrefix("age: report unexpected") }.prefix(3)
      let reason = lines.isEmpty ? "it ended as \(status)" : lines.joined(separator: "; ")
      throw RunError(.failed, "\(subject): \(program.rawValue) failed: \(reason)")
    }
    return result
  }
}

/// Lets a write to a program that has ended fail, instead of ending this process by `SIGPIPE`, while programs run.
private enum BrokenPipe {
  private static let programs = Mutex(0)

  static func expect() {
    programs.withLock { count in
      if count == 0 { signal(SIGPIPE, SIG_IGN) }
      count += 1
    }
  }

  /// Afterwards, whoever prints into `head` ends as every other program does.
  static func forget() {
    programs.withLock { count in
      count -= 1
      if count == 0 { signal(SIGPIPE, SIG_DFL) }
    }
  }
}

extension [UInt8] {
  /// Copies what a program printed.
  init(_ buffer: SubprocessOutputSequence.Buffer) {
    self = unsafe buffer.withUnsafeBytes { unsafe Array($0) }
  }
}
