/// One `--set KEY.PATH=VALUE`, put into the tree of the file before it is checked.
struct SpecOverride {
  private let keys: [String]
  private let value: SpecNode

  /// Reads an override; nil after refusing one that is not a key path and a YAML value.
  init?(_ argument: String, into check: inout SpecCheck) {
    guard let (path, text) = Self.parts(argument) else {
      check.errors.append(
        SpecError(
          file: check.file, place: .override, keyPath: "", problem: "must be KEY.PATH=VALUE"))
      return nil
    }
    let document = SpecDocument(text, file: check.file, override: path)
    check.errors += document.errors
    if document.root == nil, !document.errors.isEmpty { return nil }
    keys = SpecOverride.split(path)
    value =
      document.root
      ?? SpecNode(place: .override, keyPath: path, content: .scalar(.init("", isPlain: true)))
  }

  /// Key path and value; nil for anything else.
  fileprivate static func parts(_ argument: String) -> (path: String, value: String)? {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let path = String(parts[0])
    // An argument without a key path may be anything, even a URL with its password: not repeated.
    let isPath =
      !path.isEmpty
      && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !":/@\"'".utf8.contains($0) }
    return parts.count == 2 && isPath ? (path, String(parts[1])) : nil
  }

  /// The tree with the value at its key path, in place of what was there.
  func applied(to root: SpecNode, _ check: inout SpecCheck) -> SpecNode {
    put(keys[...], in: root, &check)
  }

  private func put(
    _ rest: ArraySlice<String>, in node: SpecNode, _ check: inout SpecCheck
  ) -> SpecNode {
    guard let key = rest.first else { return value }
    var entries: [SpecNode.Entry] = []
    if case .mapping(let own) = node.content {
      entries = own
    } else if !node.isNull {
      check.refuse(value, "\(node.keyPath) has no keys below it")
      return node
    }
    let path = SpecNode.path(node.keyPath, key)
    let old = entries.firstIndex { $0.key == key }
    let below =
      old.map { entries[$0].node }
      ?? SpecNode(place: .override, keyPath: path, content: .mapping([]))
    let entry = SpecNode.Entry(
      key: key, keyPlace: old.map { entries[$0].keyPlace } ?? .override,
      node: put(rest.dropFirst(), in: below, &check))
    if let old { entries[old] = entry } else { entries.append(entry) }
    var copy = node
    copy.content = .mapping(entries)
    return copy
  }

  /// The keys of a path; below a mapping of the user's own keys the rest is one key, dots and all.
  private static func split(_ path: String) -> [String] {
    let map = PipelineSpec.keys.first {
      $0.isMap && path.hasPrefix("\($0.reference.keyPath).")
    }
    guard let map else {
      return path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
    let prefix = map.reference.keyPath
    return prefix.split(separator: ".").map(String.init)
      + [String(path.dropFirst(prefix.count + 1))]
  }
}

extension PipelineSpec {
  /// Whether text is `KEY.PATH=VALUE`; whether there is such a key and it takes the value is not asked.
  public static func isOverride(_ text: String) -> Bool { SpecOverride.parts(text) != nil }
}
