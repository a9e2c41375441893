/// One mistake in a pipeline file or in an override, with its place.
public struct SpecError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Pipeline file as it was named by the caller.
  public let file: String
  /// Whether the mistake is in a `--set` override; then there is no line.
  public let isOverride: Bool
  /// 1-based line, where the mistake has one.
  public let line: Int?
  /// 1-based column in Unicode scalars, where the mistake has one.
  public let column: Int?
  /// Dotted path of the key, such as `load.batchRows` or `source.inputs[1]`; empty for the whole file.
  public let keyPath: String
  /// What is wrong, in words; never a value of `load.target`.
  public let problem: String
  /// What would be right, where that can be said in a few words.
  public let allowed: String?

  init(
    file: String, place: SpecPlace?, keyPath: String, problem: String, allowed: String? = nil
  ) {
    self.file = file
    self.keyPath = keyPath
    self.problem = problem
    self.allowed = allowed
    switch place {
    case .override:
      (isOverride, line, column) = (true, nil, nil)
    case .file(let line, let column):
      (isOverride, self.line, self.column) = (false, line, column)
    case nil:
      (isOverride, line, column) = (false, nil, nil)
    }
  }

  /// The mistake on one line: place, key path, problem.
  public var description: String {
    let keyPath = SpecText.oneLine(keyPath)
    if isOverride { return keyPath.isEmpty ? "--set: \(problem)" : "--set \(keyPath): \(problem)" }
    let place = line.map { "\(file):\($0)" } ?? file
    return keyPath.isEmpty ? "\(place): \(problem)" : "\(place): \(keyPath): \(problem)"
  }
}

/// Every mistake found in one pipeline, in the order of the file, overrides last.
public struct SpecErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mistakes; never empty.
  public let errors: [SpecError]

  init(_ errors: [SpecError]) {
    // The sort keeps the order of mistakes on one line: enumerated() breaks ties.
    self.errors = errors.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.isOverride != b.isOverride { return b.isOverride }
      return (a.line ?? 0, a.column ?? 0, left.offset) < (b.line ?? 0, b.column ?? 0, right.offset)
    }.map(\.element)
  }

  /// One line for each mistake.
  public var description: String {
    errors.map(\.description).joined(separator: "\n")
  }
}
