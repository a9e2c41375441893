/// Where a node was written.
enum SpecPlace: Sendable, Hashable {
  case file(line: Int, column: Int)
  case override
}

/// One value of the pipeline file, its type not yet known.
struct SpecNode: Sendable {
  enum Content: Sendable {
    case scalar(Scalar)
    case sequence([SpecNode])
    case mapping([Entry])
  }

  struct Scalar: Sendable {
    /// The text to use: as written until ``SpecNode/resolved(by:)`` replaces the variables.
    var text: String
    /// What the file itself says once variables are replaced; see ``Interpolation/written``.
    var written: String
    var hasVariable = false
    /// False for quoted and block text, which is never null and never a number.
    let isPlain: Bool

    init(_ text: String, isPlain: Bool) {
      (self.text, written, self.isPlain) = (text, text, isPlain)
    }

    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
    /// Whether the text may be read as a number.
    var isBare: Bool { isPlain || hasVariable }
  }

  struct Entry: Sendable {
    let key: String
    let keyPlace: SpecPlace
    var node: SpecNode
  }

  let place: SpecPlace
  let keyPath: String
  var content: Content

  var scalar: Scalar? {
    guard case .scalar(let scalar) = content else { return nil }
    return scalar
  }

  var isNull: Bool { scalar?.isNull ?? false }

  /// Whether keys can be in it: a mapping, or nothing yet.
  var isSection: Bool {
    if case .mapping = content { return true }
    return isNull
  }

  /// The value in words for an error text; long text is cut.
  var shown: String {
    switch content {
    case .sequence: return "a list"
    case .mapping: return "a mapping"
    case .scalar(let scalar):
      if scalar.isNull { return "empty" }
      if scalar.isBare, WholeNumber.parse(scalar.text) != nil { return scalar.text }
      // A target that slipped into another key's place.
      guard !LoadTarget.holdsPassword(scalar.text) else { return "text with a password" }
      let text = scalar.text.count > 40 ? "\(scalar.text.prefix(40))…" : scalar.text
      return SpecText.inQuotes(text)
    }
  }

  /// The value at a dotted path below this one; keys must not hold dots.
  func descendant(_ path: String) -> SpecNode? {
    var node = self
    for key in path.split(separator: ".") {
      guard case .mapping(let entries) = node.content,
        let entry = entries.first(where: { $0.key == key })
      else { return nil }
      node = entry.node
    }
    return node
  }

  /// The same value with variables replaced; nil after refusing each that cannot be.
  func resolved(by check: inout SpecCheck) -> SpecNode? {
    var copy = self
    switch content {
    case .scalar(var scalar):
      do {
        let result = try Interpolation(scalar.text, environment: check.environment)
        scalar.text = result.text
        scalar.written = result.written
        scalar.hasVariable = result.hasVariable
        copy.content = .scalar(scalar)
      } catch {
        check.refuse(self, error.text)
        return nil
      }
    case .sequence(let nodes):
      let resolved = nodes.compactMap { $0.resolved(by: &check) }
      guard resolved.count == nodes.count else { return nil }
      copy.content = .sequence(resolved)
    case .mapping(let entries):
      let resolved = entries.compactMap { entry in
        entry.node.resolved(by: &check).map {
          Entry(key: entry.key, keyPlace: entry.keyPlace, node: $0)
        }
      }
      guard resolved.count == entries.count else { return nil }
      copy.content = .mapping(resolved)
    }
    return copy
  }

  static func path(_ parent: String, _ key: String) -> String {
    parent.isEmpty ? key : "\(parent).\(key)"
  }
}

/// What reading needs besides the tree, and the mistakes found so far.
struct SpecCheck {
  let file: String
  let environment: [String: String]
  var errors: [SpecError] = []

  mutating func refuse(_ node: SpecNode, _ problem: String, allowed: String? = nil) {
    errors.append(
      SpecError(
        file: file, place: node.place, keyPath: node.keyPath, problem: problem, allowed: allowed))
  }
}
