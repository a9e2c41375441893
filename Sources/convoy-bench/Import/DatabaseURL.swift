internal import ArgumentParser

/// A libpq URL whose database can be replaced.
struct DatabaseURL {
  private let beforeDatabase: Substring
  private let afterDatabase: Substring
  let text: String

  /// Refuses a URL with a password: it would be seen in the arguments of every child process.
  init(_ text: String) throws {
    guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://"),
      let authority = text.firstRange(of: "://")?.upperBound
    else { throw ValidationError("the target must be a postgresql:// URL") }
    let parameters = text[authority...].firstIndex(of: "?") ?? text.endIndex
    let slash = text[authority..<parameters].firstIndex(of: "/") ?? parameters
    let user = text[authority..<slash].split(separator: "@", omittingEmptySubsequences: false)
    guard user.count < 2 || !user[0].contains(":"),
      !text[parameters...].contains("password=")
    else { throw ValidationError("keep the target's password in PGPASSWORD or ~/.pgpass") }
    self.text = text
    beforeDatabase = text[..<slash]
    afterDatabase = text[parameters...]
  }

  func database(_ name: String) -> String {
    "\(beforeDatabase)/\(name)\(afterDatabase)"
  }
}
