internal import Foundation
internal import Subprocess

/// The trimmed stdout, of at most 64 KiB, of a command that must end with status 0.
///
/// - Parameters:
///   - command: program and arguments; looked up on PATH unless the program holds a slash.
///   - variables: changes to the environment the child inherits.
/// - Returns: the answer; how long it took is not known.
/// - Throws: `BenchError` with the child's stderr, or `SubprocessError` if it cannot be run.
func answer(of command: [String], variables: [String: String] = [:]) async throws -> String {
  // By env(1), which takes a name and a path alike; Subprocess wants to be told which one it is.
  let result = try await Subprocess.run(
    .name("env"), arguments: Arguments(variables.map { "\($0.key)=\($0.value)" } + command),
    output: .string(limit: 65_536), error: .string(limit: 65_536))
  let ending: ProcessEnding
  switch result.terminationStatus {
  case .exited(0):
    return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
  case .exited(let code): ending = .exited(code)
  case .signaled(let signal): ending = .signalled(signal)
  }
  throw BenchError.failed(
    command: command, ending: ending,
    output: result.standardError.trimmingCharacters(in: .whitespacesAndNewlines))
}
