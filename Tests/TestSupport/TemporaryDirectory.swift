internal import FoundationEssentials

/// A directory for one test, removed with what is in it when the test's closure ends.
public struct TemporaryDirectory: Sendable {
  /// Absolute path.
  ///
  /// Every user may pass through it, so that a server's user can work below it.
  public let path: String

  /// Makes a directory, lends it, and removes it however `body` ends.
  ///
  /// - Parameter body: what the test does there.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws, or the file system's error.
  public static func with<Result>(
    _ body: (TemporaryDirectory) async throws -> Result
  ) async throws -> Result {
    let directory = try TemporaryDirectory(make: ())
    do {
      let result = try await body(directory)
      try FileManager.default.removeItem(atPath: directory.path)
      return result
    } catch {
      // The test's own error matters more than one from removing what it left.
      try? FileManager.default.removeItem(atPath: directory.path)
      throw error
    }
  }

  private init(make: Void) throws {
    let parent = FileManager.default.temporaryDirectory.path
    path = "\(parent)/convoy-test-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
  }

  /// Writes a file below the directory, making the directories on the way to it.
  ///
  /// - Parameters:
  ///   - name: path relative to the directory.
  ///   - bytes: its content.
  /// - Returns: its absolute path.
  /// - Throws: the file system's error.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    if let slash = file.lastIndex(of: "/") {
      try FileManager.default.createDirectory(
        atPath: String(file[..<slash]), withIntermediateDirectories: true)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a text file below the directory, as ``write(_:_:)-([UInt8])``.
  ///
  /// - Parameters:
  ///   - name: path relative to the directory.
  ///   - text: its content.
  /// - Returns: its absolute path.
  /// - Throws: the file system's error.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  /// Reads a file below the directory.
  ///
  /// - Parameter name: path relative to the directory.
  /// - Returns: its bytes.
  /// - Throws: the file system's error.
  public func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }
}
