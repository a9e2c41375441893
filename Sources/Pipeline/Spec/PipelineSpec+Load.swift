internal import Foundation

extension LoadSpec {
  /// One worker a core this process may use and one more, because each waits for the server now and then;
  /// at most eight.
  public static let defaultWorkers = min(8, ProcessInfo.processInfo.activeProcessorCount + 1)
}

extension PipelineSpec {
  private static let sizeLimitBytes = 1 << 20

  /// Reads and checks a pipeline file; relative inputs stay as written, relative to the working directory.
  ///
  /// - Parameters:
  ///   - path: the YAML file.
  ///   - overrides: `key.path=value` texts whose YAML value replaces the file's; later ones win.
  ///   - environment: variables for `${VAR}` and `${VAR:-default}`.
  /// - Returns: the spec with every default filled in.
  /// - Throws: ``SpecErrors`` with every mistake found; no error shows a value of `load.target`.
  public static func load(
    path: String, overrides: [String], environment: [String: String]
  ) throws(SpecErrors) -> PipelineSpec {
    try parse(
      text(ofFile: path), file: path, overrides: overrides, environment: environment)
  }

  static func parse(
    _ text: String, file: String, overrides: [String] = [], environment: [String: String] = [:]
  ) throws(SpecErrors) -> PipelineSpec {
    var check = SpecCheck(file: file, environment: environment)
    let document = SpecDocument(text, file: file)
    check.errors = document.errors
    if document.root == nil, !check.errors.isEmpty { throw SpecErrors(check.errors) }
    var root =
      document.root
      ?? SpecNode(place: .file(line: 1, column: 1), keyPath: "", content: .mapping([]))
    guard root.isSection else {
      check.refuse(root, "must be a mapping of keys, is \(root.shown)")
      throw SpecErrors(check.errors)
    }
    for argument in overrides {
      guard let override = SpecOverride(argument, into: &check) else { continue }
      root = override.applied(to: root, &check)
    }
    SpecKeyCheck.run(root, into: &check)

    var spec = PipelineSpec(name: "", format: .threads)
    spec.report.directory = ""
    spec.kind = PipelineKind(of: root)
    let foreign = foreignKeys(of: spec.kind)
    refuse(foreign, of: root, spec.kind, &check)
    for key in keys where !key.isIn(foreign) {
      readKey(key, of: root, into: &spec, &check)
    }
    spec.fillNames(from: file, root: root, &check)
    spec.checkTimes(of: root, &check)
    spec.checkSeverities(of: root, &check)
    spec.checkAttach(of: root, &check)
    spec.checkSource(of: root, &check)
    if !check.errors.isEmpty { throw SpecErrors(check.errors) }
    return spec
  }

  /// Refuses what belongs to a pipeline of another kind.
  private static func refuse(
    _ paths: [String], of root: SpecNode, _ kind: PipelineKind, _ check: inout SpecCheck
  ) {
    let reason =
      switch kind {
      case .load: "does not go with records to load"
      case .export: "does not go with export, which makes the pipeline one that reads a database"
      case .files: "does not go with files, which makes the pipeline one that reads no records"
      }
    for path in paths {
      guard let node = root.descendant(path), !node.isNull else { continue }
      check.refuse(node, reason)
    }
  }

  private static func readKey(
    _ key: SpecKey, of root: SpecNode, into spec: inout PipelineSpec, _ check: inout SpecCheck
  ) {
    let path = key.reference.keyPath
    if let written = root.descendant(path) {
      guard let node = written.resolved(by: &check) else { return }
      // A key with nothing after it means the same as no key.
      if !node.isNull {
        key.read(node, &spec, &check)
        return
      }
    }
    guard key.isRequired else { return }
    let parent = path.split(separator: ".").dropLast().joined(separator: ".")
    let section = root.descendant(parent)
    // A section that is not one has been refused already.
    guard section?.isSection ?? true else { return }
    let allowed = key.reference.allowed
    check.errors.append(
      SpecError(
        file: check.file, place: section?.place, keyPath: path,
        problem: allowed.isEmpty
          ? "is missing; must be \(key.reference.meaning)"
          : "is missing; must be one of \(allowed)",
        allowed: allowed))
  }

  /// The defaults that hang on other values: name on the file, report directory on the name.
  private mutating func fillNames(from file: String, root: SpecNode, _ check: inout SpecCheck) {
    if name.isEmpty, root.descendant("name").map(\.isNull) ?? true {
      let stem = URL(filePath: file).deletingPathExtension().lastPathComponent
      name = stem.lowercased()
        .split { !SpecText.isName(String($0)) || $0 == "-" }
        .joined(separator: "-")
      if name.isEmpty {
        check.errors.append(
          SpecError(
            file: check.file, place: nil, keyPath: "name",
            problem: "is missing, and the file's name has none of a-z and 0-9",
            allowed: "a-z, 0-9 and -"))
      }
    }
    if report.directory.isEmpty { report.directory = "convoy-report/\(name)" }
  }

  private func checkTimes(of root: SpecNode, _ check: inout SpecCheck) {
    if latestIsBeforeEarliest,
      let node = root.descendant("transform.latest") ?? root.descendant("transform.earliest")
    {
      check.refuse(
        node, "leaves no possible time: transform.latest is before transform.earliest")
    }
    if let since = transform.sinceMicroseconds, let until = transform.untilMicroseconds,
      until <= since, let node = root.descendant("transform.until")
    {
      check.refuse(node, "must be after transform.since, which is \(SpecTime.text(since))")
    }
  }

  private var latestIsBeforeEarliest: Bool {
    transform.latestMicroseconds < transform.earliestMicroseconds
  }

  private static func text(ofFile path: String) throws(SpecErrors) -> String {
    func refused(_ problem: String) -> SpecErrors {
      SpecErrors([SpecError(file: path, place: nil, keyPath: "", problem: problem)])
    }
    let files = FileManager.default
    guard files.fileExists(atPath: path) else { throw refused("no such file") }
    if files.fileExists(atPath: "\(path)/.") {
      throw refused("is a directory, must be a YAML file")
    }
    let data: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      data = try file.read(upToCount: sizeLimitBytes + 1) ?? Data()
    } catch {
      throw refused("cannot be read: \(error.localizedDescription)")
    }
    // Most often the data itself, given in place of the pipeline.
    guard data.count <= sizeLimitBytes else {
      throw refused("is larger than 1 MiB: not a pipeline file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw refused("is not UTF-8 text")
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
  }
}

extension PipelineKind {
  /// The kind that the sections of a file make it.
  fileprivate init(of root: SpecNode) {
    self =
      root.descendant("export") != nil
      ? .export : root.descendant("files") != nil ? .files : .load
  }
}
