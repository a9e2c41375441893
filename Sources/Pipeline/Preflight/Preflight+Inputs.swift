internal import Archive
internal import Foundation

/// What can be said of the files a pipeline reads, before a record of them is.
extension Preflight {
  /// Files whose beginnings are looked at; of a larger tree they tell enough.
  private static let sampledFiles = 1_000

  /// Looks at what a load reads: a database's tables, or files.
  ///
  /// - Parameters:
  ///   - spec: a pipeline of kind ``PipelineKind/load``.
  ///   - file: its path, for messages.
  ///   - environment: variables that may name the database.
  /// - Returns: the checks; every name begins with `source` where it is a database.
  /// - Throws: ``RunError`` for a source that no run can have, or whose local server cannot be started;
  ///   `PostgresError` when the server cannot be asked.
  public static func lookAtSource(
    of spec: PipelineSpec, file: String, environment: [String: String]
  ) async throws -> [Check] {
    let source = try SourcePlan.resolve(
      spec, connections: spec.load.workers, of: file, environment: environment)
    if let source { return try await look(at: source, spec) }
    return inputs(of: spec, file)
  }

  private static func inputs(of spec: PipelineSpec, _ file: String) -> [Check] {
    guard !spec.source.inputs.isEmpty else {
      return [
        Check(
          "inputs", .note, "the pipeline names none",
          advice: "convoy run \(file) --input PATH names them")
      ]
    }
    let found: InputFinder.Found
    do throws(RunError) {
      found = try InputFinder.find(spec.source.inputs, format: spec.source.format)
    } catch {
      return [
        Check(
          "inputs", .refused, error.message,
          advice: error.hint ?? "source.inputs or --input names what is read")
      ]
    }
    var checks = [inputs(found, spec), formats(found, file, isTold: spec.source.format == .auto)]
    let spilled = found.inputs.filter { $0.dialect == .messagesDump }
    if !spilled.isEmpty {
      checks.append(
        room(for: DumpSource.knownBytes(spilled), of: "the rows of the dumps", spec))
    }
    return checks
  }

  private static func inputs(_ found: InputFinder.Found, _ spec: PipelineSpec) -> Check {
    let names = spec.source.inputs.joined(separator: ", ")
    let closed = found.inputs.filter { $0.path != "-" && !isReadable($0.path) }.map {
      "\($0.path): it may not be read"
    }
    let unreadable = found.unreadable + closed
    guard unreadable.isEmpty else {
      return Check(
        "inputs", .warning,
        "\(Quantity.counted(unreadable.count, "input")) cannot be read: \(list(unreadable))",
        advice: "let this user read them; a run goes on without them, and says so")
    }
    guard !found.inputs.isEmpty else {
      return Check(
        "inputs", .refused, "\(names): no file there is of the pipeline's format",
        advice: "convoy detect says of each file what it is")
    }
    let bytes = found.inputs.reduce(0) { $0 + ($1.size ?? 0) }
    return Check(
      "inputs", .ok,
      "\(Quantity.counted(found.inputs.count, "input")) of \(Quantity.bytes(Double(bytes))) "
        + "can be read")
  }

  /// Whether files are what they will be read as.
  private static func formats(
    _ found: InputFinder.Found, _ file: String, isTold: Bool
  ) -> Check {
    let counts = SourceFormat.allCases.compactMap { format -> String? in
      let count = found.inputs.count { $0.dialect == format }
      return count == 0 ? nil : "\(count) \(format.rawValue)"
    }
    let read = counts.isEmpty ? "none" : counts.joined(separator: ", ")
    guard !isTold else {
      guard !found.skipped.isEmpty else { return Check("formats", .ok, read) }
      return Check(
        "formats", .note,
        "\(read); \(Quantity.counted(found.skipped.count, "file")) left alone",
        advice: "convoy plan \(file) says which, and why")
    }
    let others = found.inputs.prefix(sampledFiles).compactMap(contradiction)
    guard !others.isEmpty else { return Check("formats", .ok, read) }
    return formats("\(read); ", others)
  }

  private static func formats(_ read: String, _ others: [String]) -> Check {
    Check(
      "formats", .warning,
      "\(read)\(Quantity.counted(others.count, "file")) of another by the content: \(list(others))",
      advice: "source.format says what they are read as; auto goes by the content")
  }

  /// What an input is by its content, where that is not what it is read as.
  private static func contradiction(_ input: PlannedInput) -> String? {
    guard !input.isTable, input.path != "-", input.size != nil else { return nil }
    let detection = Detection(of: input.path)
    switch detection.finding {
    case .conversations(input.dialect), .unreadable: return nil
    case .conversations(let dialect): return "\(input.path): \(dialect.rawValue)"
    case .other: return "\(input.path): not a conversation: \(detection.reason)"
    }
  }

  /// What is said after a run of inputs of which nothing could be loaded because they are something else; nil where
  /// there are none.
  static func formats(of inputs: [PlannedInput], loadedAs tallies: [Tally]) -> Check? {
    let lost = zip(inputs, tallies).filter { _, tally in
      tally.sessions.read == tally.sessions.rejected
        && tally.messages.read == tally.messages.rejected
    }
    let others = lost.prefix(sampledFiles).compactMap { contradiction($0.0) }
    return others.isEmpty ? nil : formats("", others)
  }

  /// Looks at the directories and manifests of a pipeline that stores files.
  ///
  /// - Parameter spec: a pipeline of kind ``PipelineKind/files``.
  /// - Returns: one check: whether all of them are there, and may be read.
  public static func lookAtFiles(of spec: PipelineSpec) -> Check {
    let names = spec.files.roots + spec.files.manifest
    guard !names.isEmpty else {
      return Check("inputs", .note, "the pipeline names none", advice: "convoy run --input PATH")
    }
    let absent = names.compactMap { path -> String? in
      guard FileManager.default.fileExists(atPath: path) else { return "\(path) is not there" }
      return isReadable(path) ? nil : "\(path) may not be read"
    }
    guard absent.isEmpty else {
      return Check(
        "inputs", .refused, list(absent),
        advice: "files.roots and files.manifest name what is read, relative to this directory")
    }
    return Check("inputs", .ok, "\(names.joined(separator: ", ")) can be read")
  }

  private static func isReadable(_ path: String) -> Bool {
    FileManager.default.isReadableFile(atPath: path)
  }

  /// The first of them, and how many there are beside.
  private static func list(_ texts: [String]) -> String {
    let more = texts.count > 3 ? ["… and \(texts.count - 3) more"] : []
    return (texts.prefix(3) + more).joined(separator: "; ")
  }
}
