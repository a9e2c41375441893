/// Refuses keys that no pipeline has, and says which one was probably meant.
struct SpecKeyCheck {
  private static let paths = PipelineSpec.keys.map(\.reference.keyPath)
  /// Every path that has keys below it, and `""` for the file itself.
  private static let sections = Set(
    paths.flatMap { path in
      let parts = path.split(separator: ".")
      return (0..<parts.count).map { parts.prefix($0).joined(separator: ".") }
    })

  /// Checks the tree below a section.
  static func run(_ node: SpecNode, into check: inout SpecCheck) {
    if node.isNull { return }
    guard case .mapping(let entries) = node.content else {
      check.refuse(node, "must be a mapping of keys, is \(node.shown)")
      return
    }
    for entry in entries {
      let path = SpecNode.path(node.keyPath, entry.key)
      if sections.contains(path) {
        run(entry.node, into: &check)
      } else if !paths.contains(path) {
        check.errors.append(unknown(entry, path: path, section: node.keyPath, file: check.file))
      }
    }
  }

  private static func unknown(
    _ entry: SpecNode.Entry, path: String, section: String, file: String
  ) -> SpecError {
    let known = siblings(in: section)
    let allowed = known.joined(separator: ", ")
    var problem = "unknown key"
    if let key = SpecSuggestion.nearest(to: entry.key, in: known) {
      problem += "; did you mean \(SpecNode.path(section, key))?"
    } else if let elsewhere = SpecSuggestion.nearestPath(to: path, in: paths) {
      problem += "; did you mean \(elsewhere)?"
    } else {
      problem += "; known here: \(allowed)"
    }
    // No key has an @; a URL that slipped into a key's place may hold a password.
    let shownPath = entry.key.contains("@") ? SpecNode.path(section, "…") : path
    return SpecError(
      file: file, place: entry.keyPlace, keyPath: shownPath, problem: problem, allowed: allowed)
  }

  /// Keys and sections directly in a section, in the order of the reference.
  private static func siblings(in section: String) -> [String] {
    let prefix = section.isEmpty ? "" : "\(section)."
    var keys: [String] = []
    for path in paths where path.hasPrefix(prefix) {
      let key = String(path.dropFirst(prefix.count).prefix { $0 != "." })
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }
}

/// The known word a mistyped one was probably meant to be.
enum SpecSuggestion {
  /// The nearest candidate, if it is near: a third of its letters wrong at most.
  static func nearest(to word: String, in candidates: [String]) -> String? {
    let scored = candidates.map { ($0, distance(folded(word), folded($0))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }) else { return nil }
    return best.1 <= best.0.count / 3 ? best.0 : nil
  }

  /// The path whose last key is the last of `path` in another spelling or section.
  static func nearestPath(to path: String, in paths: [String]) -> String? {
    let key = folded(last(path))
    return paths.first { folded(last($0)) == key }
  }

  private static func last(_ path: String) -> String {
    path.split(separator: ".").last.map(String.init) ?? path
  }

  /// Letters only, so that batch_bytes and batchBytes are one.
  private static func folded(_ word: String) -> String {
    word.lowercased().filter { $0 != "_" && $0 != "-" }
  }

  /// Levenshtein distance.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.prefix(64).enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let cost = a == b ? diagonal : min(diagonal, row[j], row[j + 1]) + 1
        (diagonal, row[j + 1]) = (row[j + 1], cost)
      }
    }
    return row[right.count]
  }
}
