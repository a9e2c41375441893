extension PipelineSpec {
  /// UTF-8 of everything in the pipeline that decides what rows come out, for hashing.
  ///
  /// One `key=value` line for `source.format` and each key of `transform`, in the order of
  /// ``reference``: the same however the file is ordered, commented or written, with defaults spelled out.
  /// The keys of `validate` count only where one of them makes a rule reject that does not by itself.
  public func fingerprintBytes() -> [UInt8] {
    let rejectsMore = validate.severity.contains { id, severity in
      severity == .error && Rule(rawValue: id)?.severity != .error
    }
    var text = ""
    for key in PipelineSpec.keys {
      let path = key.reference.keyPath
      guard
        path == "source.format" || path.hasPrefix("transform.")
          || rejectsMore && path.hasPrefix("validate.")
      else { continue }
      text += "\(path)=\(key.canonicalText(self))\n"
    }
    return Array(text.utf8)
  }
}
