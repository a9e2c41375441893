internal import Foundation
internal import Subprocess

/// A program of the repository's own that judges what `convoy` has written.
public enum CheckoutProgram {
  /// Runs it to its end, in the way a person at a shell would.
  ///
  /// - Parameters:
  ///   - path: the program's absolute path.
  ///   - arguments: what follows it.
  /// - Returns: its exit status, and what it wrote to standard output.
  /// - Throws: when it cannot be started or says more than 16 MiB.
  public static func run(
    _ path: String, _ arguments: [String]
  ) async throws -> (status: Int32, output: String) {
    let inherited = ProcessInfo.processInfo.environment
    var variables: [Environment.Key: String] = ["LC_ALL": "C.UTF-8"]
    for name in ["PATH", "HOME", "TMPDIR"] {
      guard let key = Environment.Key(rawValue: name), let value = inherited[name] else { continue }
      variables[key] = value
    }
    let result = try await Subprocess.run(
      .name("env"), arguments: Arguments([path] + arguments), environment: .custom(variables),
      output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
    switch result.terminationStatus {
    case .exited(let code):
      return (code, result.standardOutput + result.standardError)
    case .signaled(let signal):
      throw TestFailure("\(path) was ended by signal \(signal): \(result.standardError)")
    }
  }
}
