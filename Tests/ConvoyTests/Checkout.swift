internal import Foundation
internal import TestSupport

/// The files of the repository these tests were built from.
enum Checkout {
  /// Absolute path of its top directory.
  static let path = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

  /// Reads a text file.
  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  /// Lends a directory that looks like the checkout to a user of the pipelines, and where reports may
  /// be written without leaving anything in the checkout itself.
  static func withWorkingCopy<Result>(_ body: (TemporaryDirectory) async throws -> Result)
    async throws -> Result
  {
    try await TemporaryDirectory.with { directory in
      for name in ["pipelines", "samples"] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(directory.path)/\(name)", withDestinationPath: "\(path)/\(name)")
      }
      return try await body(directory)
    }
  }
}
