internal import Foundation
internal import Subprocess

/// The built `convoy`, run as a user runs it.
public struct ConvoyProcess: Sendable {
  /// How a run ended.
  public struct Outcome: Sendable {
    /// Exit status; 128 plus the signal's number when a signal ended it.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errors: String
  }

  /// Runs `convoy` to its end.
  ///
  /// What it says, and every file below its working directory and its `CONVOY_HOME` that changed
  /// meanwhile, is searched for the test password.
  ///
  /// - Parameters:
  ///   - arguments: what follows `convoy`.
  ///   - environment: added to PATH, HOME and a UTF-8 locale, which is all it has otherwise.
  ///   - input: standard input.
  ///   - directory: working directory; nil for the test's.
  ///   - wrapper: a program that is given `convoy` and its arguments to run, such as `prlimit`, with its own.
  ///   - outputLimitBytes: longest output taken into memory.
  ///   - whileRunning: gets the process id once it runs, to send it signals.
  /// - Returns: how it ended.
  /// - Throws: when it cannot be started, says more than the limit, or shows the test password.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = "",
    directory: String? = nil, through wrapper: [String] = [], outputLimitBytes: Int = 64 << 20,
    whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> Outcome {
    let inherited = ProcessInfo.processInfo.environment
    var variables = ["LC_ALL": "C.UTF-8"]
    for name in ["PATH", "HOME", "CONVOY_PG_BIN", "LD_LIBRARY_PATH"] {
      variables[name] = inherited[name]
    }
    variables.merge(environment) { _, given in given }
    let path = variables["PATH"] ?? "/usr/bin:/bin"
    variables["PATH"] = "\(try buildDirectory()):\(path)"
    let given = Dictionary(
      uniqueKeysWithValues: variables.compactMap { name, value in
        Environment.Key(rawValue: name).map { ($0, value) }
      })
    let place = directory.map { ["-C", $0] } ?? []
    let start = Date()
    let result = try await Subprocess.run(
      .name("env"), arguments: Arguments(place + wrapper + ["convoy"] + arguments),
      environment: .custom(given), input: .string(input), output: .string(limit: outputLimitBytes),
      error: .string(limit: outputLimitBytes)
    ) { execution in
      try await whileRunning(execution.processIdentifier.value)
    }
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    try TestPassword.expectAbsent(from: result.standardOutput, "standard output of \(arguments[0])")
    try TestPassword.expectAbsent(from: result.standardError, "standard error of \(arguments[0])")
    for written in [directory, environment["CONVOY_HOME"]].compactMap({ $0 }) {
      try TestPassword.expectAbsent(below: written, changedSince: start)
    }
    return Outcome(
      status: status, output: result.standardOutput, errors: result.standardError)
  }

  /// The tests run from a bundle beside the program.
  private static func buildDirectory() throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let directory = bundle.lastIndex(of: "/").map { String(bundle[..<$0]) } ?? ""
    guard FileManager.default.isExecutableFile(atPath: "\(directory)/convoy") else {
      throw TestFailure("convoy is not built: \(directory)/convoy")
    }
    return directory
  }
}

/// A test could not do what it needs before its first assertion.
public struct TestFailure: Error, CustomStringConvertible {
  /// What is missing.
  public let description: String

  /// Makes a failure.
  public init(_ description: String) { self.description = description }
}
