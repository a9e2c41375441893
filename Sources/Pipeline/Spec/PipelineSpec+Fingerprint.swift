extension PipelineSpec {
  /// UTF-8 of everything in the pipeline that decides what rows come out, for hashing.
  ///
  /// One `key=value` line for `source.format` and each key of `transform`, in the order of
  /// ``reference``: the same however the file is ordered, commented or written, with defaults spelled out.
  public func fingerprintBytes() -> [UInt8] {
    var text = ""
    for key in PipelineSpec.keys {
      let path = key.reference.keyPath
      guard path == "source.format" || path.hasPrefix("transform.") else { continue }
      text += "\(path)=\(key.canonicalText(self))\n"
    }
    return Array(text.utf8)
  }
}
