extension InputSegment {
  /// The bytes of a reject, at the place they had in their input; times of a dump without a zone are of `zone`.
  init(_ reject: Reject, zone: ZoneRules) {
    if reject.isDump, let rows = DumpSource.Rows(of: reject, zone: zone),
      var part = try? DumpPart(rows), let segment = part.nextSegment(batchBytes: .max)
    {
      // Bytes that are no dump are left to be refused as the JSON they are not.
      self = segment
      return
    }
    let bytes = reject.bytes
    // Out of an object dump of Redis it is a member without the braces around it.
    let isMember =
      switch reject.origin?.dialect ?? .threads {
      case .threads: bytes.first == UInt8(ascii: "\"")
      case .auggie: bytes.starts(with: [UInt8(ascii: "\"")] + AuggieSessions.keyPrefix)
      default: false
      }
    self.init(
      input: reject.place.input, bytes: bytes, layout: isMember ? .members : .documents,
      records: [0..<bytes.count], byteOffset: reject.place.byteOffset,
      firstLine: reject.place.line, isFirst: false, isLast: false, fingerprint: [])
  }
}

extension Reject {
  /// Whether its bytes are a dump of the rows it was put together from.
  var isDump: Bool {
    switch origin?.dialect {
    case .messagesDump: true
    // A thread's may be a row, else JSON.
    case .threads: DumpSign(bytes, isAll: true) == .rows("conversation_threads", isSure: true)
    default: false
    }
  }
}
