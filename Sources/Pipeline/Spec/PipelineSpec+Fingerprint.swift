extension PipelineSpec {
  /// UTF-8 of everything in the pipeline that decides what rows come out, for hashing.
  ///
  /// One `key=value` line for `source.format` and each key of `transform`, in the order of
  /// ``reference``: the same however the file is ordered, commented or written, with defaults spelled out.
  /// Keys of one format, and zones of others, count only for it; an encoding counts that is not UTF-8. Those of
  /// `validate` count only where one of them makes a rule reject that does not by itself.
  public func fingerprintBytes() -> [UInt8] {
    let rejectsMore = validate.severity.contains { id, severity in
      severity == .error && Rule(rawValue: id)?.severity != .error
    }
    var text = ""
    for key in PipelineSpec.keys {
      let path = key.reference.keyPath
      guard
        path == "source.format" || path.hasPrefix("transform.") && !Self.tableKeys.contains(path)
          || source.format == .one(.conversationsTable) && Self.tableKeys.contains(path)
          || source.encoding != .utf8 && path == "source.encoding"
          || rejectsMore && path.hasPrefix("validate.")
      else { continue }
      let value =
        path == "transform.timeZone"
        ? transform.timeZone.text(of: SourceFormat.allCases.filter(source.format.mayBe))
        : key.canonicalText(self)
      text += "\(path)=\(value)\n"
    }
    return Array(text.utf8)
  }

  /// Keys that decide what rows come out of a conversations table, and of nothing else.
  private static let tableKeys = [
    "source.idleGap", "transform.nullText", "transform.embeddings",
  ]
}
