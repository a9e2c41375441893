extension SpecType where Value == [String] {
  static let paths = list(allowed: "paths, globs and -", example: "samples/threads")
  static let directories = list(allowed: "paths", example: "/home/ada")

  static func list(allowed: String, example: String) -> SpecType {
    SpecType(
      "list of text", allowed: allowed,
      show: { "[\($0.map(SpecText.quoted).joined(separator: ", "))]" }
    ) { node, check in
      guard case .sequence(let elements) = node.content else {
        check.refuse(node, "must be a list such as [\(example)], is \(node.shown)")
        return nil
      }
      let paths = elements.compactMap { SpecType<String>.text.read($0, &check) }
      return paths.count == elements.count ? paths : nil
    }
  }
}

extension SpecType where Value == [String] {
  /// Names of tables, each once.
  static let names = SpecType(
    "list of text", allowed: "at least one", show: paths.show
  ) { node, check in
    guard case .sequence(let elements) = node.content, !elements.isEmpty else {
      check.refuse(node, "must be a list such as [exai_sessions, exai_messages], is \(node.shown)")
      return nil
    }
    let names = elements.compactMap { SpecType<String>.text.read($0, &check) }
    guard names.count == elements.count else { return nil }
    if let (index, _) = names.enumerated().first(where: { names.prefix($0).contains($1) }) {
      check.refuse(elements[index], "is in the list already")
      return nil
    }
    return names
  }
}

extension SpecType where Value == [String] {
  /// A program and its arguments.
  static let command = SpecType(
    "list of text", allowed: "program, arguments", show: paths.show
  ) { node, check in
    guard case .sequence(let elements) = node.content else {
      check.refuse(node, "must be a list such as [notify, --urgent], is \(node.shown)")
      return nil
    }
    let words = elements.compactMap { SpecType<String>.text.read($0, &check) }
    return words.count == elements.count ? words : nil
  }
}

extension SpecType where Value == [String] {
  /// Keys age encrypts for: its own `age1…`, or those of SSH, as age(1) has them.
  static let ageRecipients = recipients(
    allowed: "age1…, ssh-ed25519 …, ssh-rsa …", example: "age1ql3z7hjy54pw3hyww…"
  ) { text in
    text.hasPrefix("age1") || text.hasPrefix("ssh-ed25519 ") || text.hasPrefix("ssh-rsa ")
  }

  /// Whole fingerprints only: a name or a short id may mean another key tomorrow, and parts encrypted for the
  /// one before would still be linked.
  static let gpgRecipients = recipients(
    allowed: "fingerprints of 40 digits", example: "0123456789ABCDEF0123456789ABCDEF01234567"
  ) { text in
    text.utf8.count == 40 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  private static func recipients(
    allowed: String, example: String, _ isRecipient: @escaping @Sendable (String) -> Bool
  ) -> SpecType {
    SpecType("list of text", allowed: allowed, show: paths.show) { node, check in
      guard case .sequence(let elements) = node.content else {
        check.refuse(node, "must be a list such as [\(example)], is \(node.shown)")
        return nil
      }
      let names = elements.compactMap { element -> String? in
        guard let name = SpecType<String>.text.read(element, &check) else { return nil }
        guard isRecipient(name) else {
          check.refuse(element, "is no recipient", allowed: allowed)
          return nil
        }
        return name
      }
      return names.count == elements.count ? names : nil
    }
  }
}

extension SpecType {
  /// A mapping from the user's own keys to values of one type.
  static func map<Element>(
    of element: SpecType<Element>, over defaults: [String: Element] = [:]
  ) -> SpecType where Value == [String: Element] {
    let show: @Sendable (Value) -> String = { map in
      let pairs = map.sorted { $0.key < $1.key }
        .map { "\(SpecText.quoted($0.key)): \(element.show($0.value))" }
      return "{\(pairs.joined(separator: ", "))}"
    }
    return SpecType(
      "mapping to \(element.name)", allowed: element.allowed, isMap: true, show: show
    ) { node, check in
      guard case .mapping(let entries) = node.content else {
        check.refuse(node, "must be a mapping such as {key: value}, is \(node.shown)")
        return nil
      }
      var map = defaults
      for entry in entries {
        map[entry.key] = element.read(entry.node, &check)
      }
      return map
    }
  }
}

extension SpecType where Value == [String: Int] {
  /// A limit for each of some rules; a rule nobody knows is refused with the one probably meant.
  static let limitOfRules: SpecType = {
    let any = map(of: SpecType<Int>.integer(0...Int.max))
    return SpecType(
      "mapping of rules to whole number", allowed: any.allowed, isMap: true, show: any.show
    ) { node, check in
      guard let limits = any.read(node, &check), case .mapping(let entries) = node.content else {
        return nil
      }
      for entry in entries where Rule(rawValue: entry.key) == nil {
        check.refuseUnknownRule(entry)
      }
      return limits
    }
  }()
}
