internal import Foundation

/// The password of every test role that has one, and the proof that it was shown nowhere.
public enum TestPassword {
  /// The password, with signs that URLs, pass files and quoting have their own opinions of.
  public static let text = #"\#(core) @:/%'\x"#
  /// The password in a URL.
  public static let inURL = "\(core)%20%40%3A%2F%25%27%5Cx"
  /// The password in a pass file.
  public static let inPassFile = #"\#(core) @\:/%'\\x"#
  /// A password that is not right, and as secret.
  public static let wrongInURL = "\(core)-not"
  /// A password of plain letters, for shell commands and service files.
  public static let plain = "\(core)-plain"
  /// What CREATE ROLE … PASSWORD is given, so that the server's log never has the password either:
  /// its SCRAM-SHA-256 verifier (RFC 5803).
  public static let verifier = """
    SCRAM-SHA-256$4096:Y29udm95J3MgdGVzdDEyMw==\
    $fnDdew/X4ynpYXus05pYoCxgAVcUMn06dRYnQP0uVh4=:WBZWwuDAqZPgDFApcUHqas6znFk6wxtCSIYfEGMf7B4=
    """

  /// The part every form of it has, and nothing else.
  private static let core = "kq7Vx2mWz9"

  /// Expects a text to be without the password, however it may be written in it.
  ///
  /// - Parameters:
  ///   - text: what is searched.
  ///   - place: what to call it.
  /// - Throws: ``TestFailure`` that names the place.
  public static func expectAbsent(from text: String, _ place: String) throws {
    guard text.utf8.count >= core.utf8.count, text.contains(core) else { return }
    throw TestFailure("the test password is in \(place)")
  }

  /// Expects a file to be without the password, however it may be written in it.
  ///
  /// - Parameter path: the file.
  /// - Throws: ``TestFailure`` that names the file, or the file system's error.
  public static func expectAbsent(fromFile path: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    guard bytes.range(of: Data(core.utf8)) == nil else {
      throw TestFailure("the test password is in \(path)")
    }
  }

  /// Expects every file below a directory that has changed since some time to be without it.
  ///
  /// A server's data is left out, as are hidden directories: what convoy writes is in neither.
  static func expectAbsent(below directory: String, changedSince start: Date) throws {
    let keys: [URLResourceKey] = [.isRegularFileKey, .contentModificationDateKey]
    let found = FileManager.default.enumerator(
      at: URL(fileURLWithPath: directory), includingPropertiesForKeys: keys,
      options: [.skipsHiddenFiles])
    while let file = found?.nextObject() as? URL {
      if file.lastPathComponent == "data" {
        found?.skipDescendants()
        continue
      }
      // A file that is gone meanwhile was a temporary one.
      guard let facts = try? file.resourceValues(forKeys: Set(keys)),
        facts.isRegularFile == true, (facts.contentModificationDate ?? start) >= start,
        FileManager.default.fileExists(atPath: file.path)
      else { continue }
      try expectAbsent(fromFile: file.path)
    }
  }
}
