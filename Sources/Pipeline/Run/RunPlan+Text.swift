extension RunPlan {
  /// The plan for a person: inputs and dialect, target without its password, workers and limits.
  public var text: String {
    var lines: [String] = []
    func add(_ name: String, _ value: String) {
      lines.append(name.padding(to: 10) + value.printable)
    }
    add("pipeline", "\(spec.name) (\(file))")
    if !spec.description.isEmpty { add("", spec.description) }
    let size = inputBytes.map { Quantity.bytes(Double($0)) } ?? "of unknown size"
    add("inputs", "\(inputs.count), \(size)")
    if let source { add("source", "\(source.database), read only") }
    for input in inputs.prefix(20) {
      let bytes = input.size.map { "\($0) bytes" } ?? (input.isTable ? "a table" : "a pipe")
      add("", "\(input.path)  \(input.dialect.rawValue)  \(bytes)")
    }
    if inputs.count > 20 { add("", "… and \(inputs.count - 20) more") }
    for problem in unreadable { add("unreadable", problem) }
    for other in skipped.prefix(20) { add("skipped", other) }
    if skipped.count > 20 { add("", "… and \(skipped.count - 20) more") }
    add("target", target.description)
    add(
      "transform",
      "user \(spec.transform.userId), text \(spec.transform.text.rawValue), "
        + "ids \(spec.transform.ids.rawValue), title \(spec.transform.title.rawValue)")
    add("", "times without a zone \(spec.transform.timeZone.text(of: clocks))")
    for limit in limits { add("", limit) }
    if let attach {
      let files =
        attach.roots == nil
        ? "embeddings" : "files below \(spec.attach.roots.joined(separator: ", "))"
      add("attach", "\(files), to \(attach.store)")
    }
    add("workers", "\(workers)")
    add("batches", "up to \(Quantity.memory(spec.load.batchBytes)) or \(spec.load.batchRows) rows")
    add(
      "memory",
      "at most \(Quantity.memory(memoryCeilingBytes)), more only for a record larger than a batch")
    add("report", reportDirectory.path)
    return lines.joined(separator: "\n") + "\n"
  }
}

extension RunPlan {
  /// The dialects whose times there may be.
  private var clocks: [SourceFormat] {
    spec.source.format == .auto
      ? dialects : SourceFormat.allCases.filter(spec.source.format.mayBe)
  }

  /// What leaves messages out or changes them beyond the usual.
  private var limits: [String] {
    func day(_ name: String, _ time: Timestamp?) -> [String] {
      time.map { ["\(name) \($0.rfc3339)"] } ?? []
    }
    let roles = spec.transform.roles.filter { TransformSpec.defaultRoles[$0.key] != $0.value }
    let added = spec.transform.metadata.add.keys.sorted()
    return day("since", transform.since) + day("until", transform.until)
      + roles.sorted { $0.key < $1.key }.map { "role \($0.key) as \($0.value.rawValue)" }
      + (transform.stripsHistoryBlocks ? ["history blocks stripped"] : [])
      + (spec.transform.metadata.unmapped == .drop ? ["fields without a column dropped"] : [])
      + (spec.transform.metadata.provenance == .drop ? ["no provenance"] : [])
      + (added.isEmpty ? [] : ["metadata with \(added.joined(separator: ", "))"])
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width + 1 - count))
  }
}
