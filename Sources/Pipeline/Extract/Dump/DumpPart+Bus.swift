/// What rows of `message_bus` carry, beside their columns.
extension DumpPart {
  /// What the bus's row under way carries.
  mutating func payload(
    _ layout: DumpLayout, _ entry: RowSpill.Entry, isUnchecked: Bool = false
  ) -> BusPayload? {
    guard let column = layout.content, fields[column].form != .expression else { return nil }
    guard fields[column].form != .null else {
      var payload = BusPayload()
      payload.problem = "the row has no payload"
      return payload
    }
    text.removeAll(keepingCapacity: true)
    fields[column].append(of: rows.bytes, to: &text)
    if doubled[entry.layout][column], let undone = DoubledBackslashes.undone(text) { text = undone }
    return bus?.read(
      text, layout.account(of: fields, in: rows.bytes), isUnchecked: isUnchecked)
  }

  /// Appends the members that hold a row's payload; tells whether backslashes were undone in it.
  mutating func append(payloadOf item: Item, to out: inout [UInt8]) -> Bool {
    let layout = rows.layouts[item.entry.layout]
    let source = rows.bytes
    _ = layout.split(source.span, item.entry.range, into: &fields)
    out.append(staticText: #","bus":"#)
    guard item.problem == nil, let payload = payload(layout, item.entry) else {
      out.append(staticText: "null")
      return false
    }
    if payload.problem == nil {
      out.append(0..<payload.text.count, of: payload.text)
    } else {
      out.append(staticText: "null")
    }
    if let answer = payload.answer {
      out.append(staticText: #","answer":"#)
      out.append(0..<answer.count, of: answer)
    }
    if let problem = payload.problem {
      out.append(staticText: #","unreadable":"#)
      out.appendJSONString(problem.utf8)
    }
    if let difference = payload.difference {
      out.append(staticText: #","differs":"#)
      out.appendJSONString(difference.utf8)
    }
    guard let column = layout.content, doubled[item.entry.layout][column] else { return false }
    text.removeAll(keepingCapacity: true)
    fields[column].append(of: rows.bytes, to: &text)
    return DoubledBackslashes.undone(text).map { $0.count < text.count } ?? false
  }
}

extension DumpLayout {
  /// What a row of the bus says of its payload.
  func account(of fields: [RowField], in bytes: [UInt8]) -> BusReader.Account {
    func text(_ name: String) -> String {
      guard let column = columns.firstIndex(of: name), column < fields.count else { return "" }
      var text: [UInt8] = []
      fields[column].append(of: bytes, to: &text)
      return String(decoding: text, as: UTF8.self)
    }
    return BusReader.Account(
      compression: text("compression_type").lowercased(), checksum: text("checksum"),
      byteCount: Int(text("payload_size_bytes")),
      packedByteCount: Int(text("compressed_size_bytes")))
  }

  /// What names the connection of a row of the bus, else the row.
  func appendSession(of fields: [RowField], in bytes: [UInt8], to out: inout [UInt8]) {
    for column in [columns.firstIndex(of: "session_id"), key] {
      guard let column, fields[column].form != .null else { continue }
      let start = out.count
      fields[column].append(of: bytes, to: &out)
      if out.count > start { return }
    }
  }
}
