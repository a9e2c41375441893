internal import Foundation
internal import TestSupport

/// A directory with files to hash, and a state directory of its own.
struct HashScene {
  let directory: TemporaryDirectory

  static func with<Result>(_ body: (HashScene) async throws -> Result) async throws -> Result {
    try await TemporaryDirectory.with { directory in try await body(HashScene(directory: directory))
    }
  }

  /// Runs `convoy hash` in the directory.
  func hash(_ arguments: String..., input: String = "") async throws -> ConvoyProcess.Outcome {
    try await ConvoyProcess.run(
      ["hash"] + arguments, environment: environment, input: input, directory: directory.path)
  }

  /// Runs a script of bash in the directory, in which `convoy` is the built one.
  ///
  /// Names and output of any bytes go through it unharmed, which a `String` would change.
  func bash(_ script: String) async throws -> ConvoyProcess.Outcome {
    try await ConvoyProcess.run(
      ["hash"], environment: environment, directory: directory.path,
      through: ["bash", "-euo", "pipefail", "-c", script])
  }

  var environment: [String: String] { ["CONVOY_HOME": "\(directory.path)/.home"] }

  /// Makes a file of `byteCount` zeros that take no room, and puts `marks` into it.
  func makeSparse(_ name: String, byteCount: UInt64, marks: [UInt64: String] = [:]) throws {
    let handle = try FileHandle(
      forWritingTo: URL(fileURLWithPath: try directory.write(name, "")))
    try handle.truncate(atOffset: byteCount)
    for (offset, text) in marks {
      try handle.seek(toOffset: offset)
      try handle.write(contentsOf: Data(text.utf8))
    }
    try handle.close()
  }
}
