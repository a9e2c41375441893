/// Segments of conversations that are handed out a slice at a time.
extension DumpPart {
  /// A record without messages, of rows of the conversation or of its first message where there are none.
  ///
  /// `contents` is a digest of the messages' rows.
  mutating func headSegment(contents: UInt64) -> InputSegment {
    var bytes: [UInt8] = []
    var spans: [SourceSpan] = []
    let conversations = 0..<items.prefix { !$0.isMessage }.count
    composeHead(conversations, to: &bytes, &spans)
    let start = bytes.count
    compose([], to: &bytes, &spans)
    // The place of a conversation without a row is that of its first message.
    if conversations.isEmpty { note(items[0], start..<bytes.count, &spans) }
    return segment(bytes, spans, contents: contents)
  }

  /// The messages that some of the rows are, the first of them at the position `first` of its conversation.
  mutating func sliceSegment(_ turns: [Turn], from first: Int) -> InputSegment {
    var bytes = [UInt8(ascii: "{")]
    bytes.reserveCapacity(rows.bytes.count + rows.bytes.count / 8)
    var spans: [SourceSpan] = []
    compose(turns, to: &bytes, &spans)
    var segment = segment(bytes, spans, contents: 0)
    segment.firstMessage = first
    return segment
  }

  /// A record that lacks its last brace.
  private func segment(
    _ open: [UInt8], _ spans: [SourceSpan], contents: UInt64
  ) -> InputSegment {
    let bytes = open + Array("}\n".utf8)
    return InputSegment(
      input: spans[0].place.input, bytes: bytes, layout: .documents, records: [0..<bytes.count - 1],
      byteOffset: byteOffset, firstLine: spans[0].place.line, isFirst: false, isLast: false,
      fingerprint: fingerprint(bytes, seed: contents), spans: spans, rows: rows)
  }
}
