/// The database a pipeline names.
public enum LoadTarget: Sendable, Hashable {
  /// The private cluster convoy runs itself.
  case local
  /// A connection URL, which may hold a password that came from a variable.
  case url(String)
  /// A service of the libpq service file.
  case service(String)

  /// The three forms, for help and error texts.
  public static let forms = "local, a postgres:// URL or service=NAME"

  /// Reads one of the three forms; nil for anything else.
  public init?(_ text: String) {
    if text == "local" {
      self = .local
    } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
      self = .url(text)
    } else if text.hasPrefix("service=") {
      let name = text.dropFirst("service=".count)
      // Blanks and `=` would let further libpq keywords in.
      guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "=" || $0 == "'" })
      else { return nil }
      self = .service(String(name))
    } else {
      return nil
    }
  }

  /// Whether connection text holds a password: `user:password@`, or a `password` parameter.
  ///
  /// Leans to yes: text that libpq would read otherwise but a person meant as a password counts too.
  public static func holdsPassword(_ text: String) -> Bool {
    let parameters = text.split(whereSeparator: { "?& \t\n".contains($0) })
    let hasParameter = parameters.contains { parameter in
      let pair = parameter.split(separator: "=", maxSplits: 1)
      return pair.count == 2 && ["password", "sslpassword"].contains(pair[0].lowercased())
    }
    if hasParameter { return true }
    let scheme = text.firstRange(of: "://")
    let rest = text[(scheme?.upperBound ?? text.startIndex)...].prefix { $0 != "?" }
    let authority = rest.prefix { $0 != "/" && $0 != "#" }
    // An unescaped slash in a password ends the authority early; its @ is then further on.
    let scope = authority.contains("@") ? authority : rest
    guard let at = scope.lastIndex(of: "@"), let colon = scope[..<at].firstIndex(of: ":") else {
      return false
    }
    return scope.index(after: colon) < at
  }
}

extension LoadTarget: CustomStringConvertible, CustomDebugStringConvertible {
  /// The target without anything that may be secret.
  public var description: String {
    switch self {
    case .local: "local"
    case .url: "URL"
    case .service(let name): "service=\(name)"
    }
  }

  /// Same as `description`, so that a debug print shows no password either.
  public var debugDescription: String { description }
}

extension LoadTarget {
  /// What to hand to whoever connects; may hold a password, so it is never shown.
  var connectionText: String {
    switch self {
    case .local: "local"
    case .url(let url): url
    case .service(let name): "service=\(name)"
    }
  }
}
