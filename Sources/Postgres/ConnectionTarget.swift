internal import CLibPQ

/// Which server and database to talk to, as libpq's keywords and values.
///
/// Values given here win over libpq's environment variables, which win over its defaults. The
/// description never holds a password.
public struct ConnectionTarget: Sendable, CustomStringConvertible {
  /// One keyword of libpq (PostgreSQL documentation, section "Parameter Key Words") and its value.
  public struct Parameter: Sendable {
    /// The keyword, such as `host`.
    public let key: String
    /// Its value.
    public let value: String
  }

  /// What was given; keywords left out are libpq's business.
  public private(set) var parameters: [Parameter]

  /// Takes everything from libpq's own environment variables.
  public static let environment = ConnectionTarget(parameters: [])

  private init(parameters: [Parameter]) { self.parameters = parameters }

  /// Reads a `postgresql://` URL or a `key=value` string.
  ///
  /// - Parameter text: the connection string.
  /// - Throws: ``PostgresError`` with reason `connectionString`; its message does not repeat `text`.
  public init(_ text: String) throws(PostgresError) {
    var complaint: UnsafeMutablePointer<CChar>? = nil
    guard let options = unsafe PQconninfoParse(text, &complaint) else {
      // libpq repeats the string in its message, and the string may hold a password.
      if let complaint = unsafe complaint { unsafe PQfreemem(complaint) }
      throw PostgresError(
        reason: .connectionString,
        message: "the connection string is neither a postgresql:// URL nor key=value pairs")
    }
    defer { unsafe PQconninfoFree(options) }
    parameters = unsafe Self.read(options)
    guard !hasTornPassword(text) else {
      throw PostgresError(
        reason: .connectionString,
        message: "the connection string's password cannot be told from the rest: "
          + "write @ : / ? # % in it as %40 %3A %2F %3F %23 %25")
    }
  }

  /// Whether part of a password was read as host, port or database, where error texts would show it.
  ///
  /// libpq ends the user's part of a URL at the first `@` or `/`, so that a password with one of them in
  /// it as it is goes on in what follows; a URL given for the database's name would be shown whole.
  private func hasTornPassword(_ text: String) -> Bool {
    func value(_ key: String) -> String { parameters.first { $0.key == key }?.value ?? "" }
    let hosts = value("host").split(separator: ",")
    // A socket in the abstract namespace begins with @.
    if hosts.contains(where: { $0.dropFirst().contains("@") && !$0.hasPrefix("/") }) { return true }
    if !value("port").utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ",") }) {
      return true
    }
    let database = value("dbname")
    if database.contains("://") || database.contains("password") && database.contains("=") {
      return true
    }
    guard let scheme = text.firstRange(of: "://") else { return false }
    let path = text[scheme.upperBound...].prefix { $0 != "?" }.drop { $0 != "/" }
    return path.contains("@")
  }

  /// Sets one keyword, replacing an earlier value.
  public mutating func set(_ key: String, _ value: String) {
    parameters.removeAll { $0.key == key }
    parameters.append(Parameter(key: key, value: value))
  }

  /// Sets one keyword unless the target or libpq's environment has it.
  public mutating func setDefault(_ key: String, _ value: String) {
    guard !resolved.contains(where: { $0.key == key }) else { return }
    parameters.append(Parameter(key: key, value: value))
  }

  /// What libpq will use: given values, environment variables and compiled-in defaults.
  public var resolved: [Parameter] {
    guard let options = unsafe PQconndefaults() else { return parameters }
    defer { unsafe PQconninfoFree(options) }
    let given = Set(parameters.map(\.key))
    return parameters + (unsafe Self.read(options)).filter { !given.contains($0.key) }
  }

  /// `postgresql://user@host:port/dbname` or `service NAME`, without a password.
  public var description: String {
    var values: [String: String] = [:]
    for parameter in resolved { values[parameter.key] = parameter.value }
    if let service = values["service"] { return "service \(service)" }
    let user = values["user"].map { "\($0)@" } ?? ""
    let host = values["host"] ?? values["hostaddr"] ?? ""
    let port = values["port"].map { ":\($0)" } ?? ""
    let database = values["dbname"] ?? values["user"] ?? ""
    if host.hasPrefix("/") || host.isEmpty {
      return "postgresql://\(user)/\(database) (socket \(host.isEmpty ? "default" : host)\(port))"
    }
    return "postgresql://\(user)\(host)\(port)/\(database)"
  }

  private static func read(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [Parameter] {
    var found: [Parameter] = []
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val, unsafe value.pointee != 0 {
        unsafe found.append(
          Parameter(key: String(cString: keyword), value: String(cString: value)))
      }
      unsafe option += 1
    }
    return found
  }
}
