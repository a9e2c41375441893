/// Where in a path below a root the session is named, as `{continuation_id}/**`.
///
/// `**` stands for any number of directories and, at the end, for what is below them; `*` and `?` stand
/// for parts of one name. The form is checked where the pipeline file is read.
struct LinkPattern: Sendable {
  private enum Part: Sendable {
    case anything
    case name(NamePattern)
    /// What stands before and behind the session's name.
    case session(NamePattern, NamePattern)
  }

  private static let placeholder = "{continuation_id}"
  private let parts: [Part]

  init(_ text: String) {
    parts = text.split(separator: "/").map { part in
      if part == "**" { return .anything }
      let around = part.split(separator: Self.placeholder, omittingEmptySubsequences: false)
      guard around.count == 2 else { return .name(NamePattern(part.utf8)) }
      return .session(NamePattern(around[0].utf8), NamePattern(around[1].utf8))
    }
  }

  /// The session's name in a path; nil where the path has another form, or the name is not UTF-8.
  func session(in path: ArraySlice<UInt8>) -> String? {
    let names = path.split(separator: UInt8(ascii: "/"))
    guard let found = Self.match(parts[...], names[...]) else { return nil }
    return String(validating: found, as: UTF8.self)
  }

  /// The bytes for the placeholder, empty ones where it is not in `parts`; nil where they do not match.
  private static func match(
    _ parts: ArraySlice<Part>, _ names: ArraySlice<ArraySlice<UInt8>>
  ) -> ArraySlice<UInt8>? {
    guard let part = parts.first else { return names.isEmpty ? [] : nil }
    switch part {
    case .anything:
      // Below it at least the file itself.
      let least = parts.count == 1 ? 1 : 0
      guard names.count >= least else { return nil }
      for count in least...names.count {
        if let found = match(parts.dropFirst(), names.dropFirst(count)) { return found }
      }
      return nil
    case .name(let pattern):
      guard let name = names.first, pattern.matches(name) else { return nil }
      return match(parts.dropFirst(), names.dropFirst())
    case .session(let before, let behind):
      guard let name = names.first, let found = middle(of: name, before, behind),
        match(parts.dropFirst(), names.dropFirst()) != nil
      else { return nil }
      return found
    }
  }

  /// The longest piece of a name, from the earliest place on, with the patterns around it.
  private static func middle(
    of name: ArraySlice<UInt8>, _ before: NamePattern, _ behind: NamePattern
  ) -> ArraySlice<UInt8>? {
    for start in name.indices where before.matches(name[..<start]) {
      for end in stride(from: name.endIndex, to: start, by: -1) where behind.matches(name[end...]) {
        return name[start..<end]
      }
    }
    return nil
  }
}
