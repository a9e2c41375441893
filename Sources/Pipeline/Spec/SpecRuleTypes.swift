extension SpecType where Value == [String: RuleSeverity] {
  /// A severity for each of some rules; a rule nobody knows is refused with the one probably meant.
  static let severityOfRules: SpecType = {
    let any = map(of: SpecType<RuleSeverity>.choice)
    return SpecType("mapping of rules to choice", allowed: any.allowed, isMap: true, show: any.show)
    {
      node, check in
      guard let severities = any.read(node, &check), case .mapping(let entries) = node.content
      else { return nil }
      for entry in entries {
        guard let rule = Rule(rawValue: entry.key) else {
          check.refuseUnknownRule(entry)
          continue
        }
        guard let severity = severities[entry.key], let reason = rule.reasonAgainst(severity) else {
          continue
        }
        check.refuse(entry.node, reason, allowed: rule.allowedSeverities)
      }
      return severities
    }
  }()
}

extension SpecType where Value == Set<SecretKind> {
  /// `true` for every kind, `false` for none, or a list of kinds.
  static let secretKinds: SpecType = {
    let kind = SpecType<SecretKind>.choice
    return SpecType(
      "true, false or list of choice", allowed: kind.allowed,
      show: { kinds in
        if kinds.isEmpty { return "false" }
        if kinds.count == SecretKind.allCases.count { return "true" }
        return "[\(kinds.map(\.rawValue).sorted().joined(separator: ", "))]"
      },
      read: { node, check in
        if case .sequence(let elements) = node.content {
          let kinds = elements.compactMap { kind.read($0, &check) }
          return kinds.count == elements.count ? Set(kinds) : nil
        }
        switch node.scalar?.text {
        case "true": return Set(SecretKind.allCases)
        case "false": return []
        default:
          check.refuse(
            node, "must be true, false or a list of kinds of secret, is \(node.shown)",
            allowed: kind.allowed)
          return nil
        }
      })
  }()
}

extension SpecCheck {
  /// Refuses an entry that is named like no rule.
  mutating func refuseUnknownRule(_ entry: SpecNode.Entry) {
    let meant = SpecSuggestion.nearest(to: entry.key, in: Rule.allCases.map(\.rawValue))
    refuse(
      entry.node, "no rule has this id" + (meant.map { "; did you mean \($0)?" } ?? ""),
      allowed: "rule ids of the README")
  }
}

extension PipelineSpec {
  /// Refuses to reject a whole session where its messages may have been loaded before all of it is seen.
  func checkSeverities(of root: SpecNode, _ check: inout SpecCheck) {
    guard source.format.mayBe(.chatHistory),
      case .mapping(let entries)? = root.descendant("validate.severity")?.content
    else { return }
    for entry in entries where validate.severity[entry.key] == .error {
      guard Rule(rawValue: entry.key)?.reach == .session else { continue }
      check.refuse(
        entry.node,
        "must not be error: only a whole file tells, and its first messages are loaded by then",
        allowed: "off, info, warning")
    }
  }
}
