extension Detection {
  /// One line of JSON, of schema `convoy.detection/1`.
  public var json: String {
    var writer = JSONWriter()
    writer.object(inline: true) { writer in
      writer.member("schema", "convoy.detection/1")
      writer.member("path", path)
      writer.member("finding", findingName)
      writer.member("dialect", dialect?.rawValue)
      writer.member("confidence", confidence.rawValue)
      writer.member("reason", reason)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private var findingName: String {
    switch finding {
    case .conversations: "conversations"
    case .other: "other"
    case .unreadable: "unreadable"
    }
  }
}
