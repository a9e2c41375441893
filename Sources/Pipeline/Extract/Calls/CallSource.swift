internal import Archive
internal import Crypto

/// Hands out requests and answers that lie in files of their own, put together to a record a conversation.
struct CallSource: ~Copyable {
  private let inputs: [PlannedInput]
  private let batchBytes: Int
  private var composer: CallComposer
  private let index: CallIndex
  private var next = 0
  private var areRemarksTold = false
  /// Bytes handed out, which tell one segment from another.
  private var byteOffset = 0

  /// Reads those of the run's inputs through that are of the dialect.
  ///
  /// - Throws: ``RunError`` for a record beyond the limit.
  init(_ inputs: [PlannedInput], batchBytes: Int) throws(RunError) {
    var composer = try CallComposer()
    index = try CallIndex(inputs.filter(\.dialect.isGathered), &composer)
    self.inputs = inputs
    self.batchBytes = batchBytes
    self.composer = composer
  }

  /// The next conversations, about a batch of them; nil when all have been handed out.
  mutating func nextBatch() -> SourceBatch? {
    var segments: [InputSegment] = []
    if !areRemarksTold {
      segments = index.remarks
      areRemarksTold = true
    }
    var bytes: [UInt8] = []
    var records: [Range<Int>] = []
    var spans: [SourceSpan] = []
    var storedBytes = 0
    while next < index.groups.count, bytes.count < batchBytes {
      let group = index.groups[next]
      next += 1
      let (start, firstSpan) = (bytes.count, spans.count)
      do throws(StreamError) {
        try append(group, to: &bytes, &spans)
        records.append(start..<bytes.count)
        storedBytes += group.entries.reduce(0) { $0 + $1.place.byteLength }
        bytes.append(UInt8(ascii: "\n"))
      } catch {
        bytes.removeSubrange(start...)
        spans.removeSubrange(firstSpan...)
        segments.append(.unreadable(inputs[Int(group.entries[0].place.input)], error))
      }
    }
    if let first = spans.first {
      segments.append(
        InputSegment(
          input: first.place.input, bytes: bytes, layout: .documents, records: records,
          byteOffset: byteOffset, firstLine: first.place.line, isFirst: false, isLast: false,
          fingerprint: fingerprint(bytes, spans), spans: spans))
      byteOffset += bytes.count
    }
    return segments.isEmpty ? nil : SourceBatch(segments: segments, storedBytes: storedBytes)
  }

  private mutating func append(
    _ group: CallIndex.Group, to bytes: inout [UInt8], _ spans: inout [SourceSpan]
  ) throws(StreamError) {
    guard let key = group.key else {
      // As it stands, to be rejected by what is wrong with it.
      for entry in group.entries {
        let start = bytes.count
        bytes += try RecordFetcher.bytes(at: entry.place, of: inputs[Int(entry.place.input)])
        spans.append(SourceSpan(range: start..<bytes.count, place: entry.place))
      }
      return
    }
    RequestResponse.begin(key, in: &bytes)
    for (number, entry) in group.entries.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      let input = inputs[Int(entry.place.input)]
      let half = try RecordFetcher.bytes(at: entry.place, of: input)
      let range = composer.append(half, file: input.name, to: &bytes)
      spans.append(SourceSpan(range: range, place: entry.place))
    }
    RequestResponse.end(&bytes)
  }

  private func fingerprint(_ bytes: [UInt8], _ spans: [SourceSpan]) -> [UInt8] {
    var hash = SHA256()
    for span in spans {
      hash.update(data: inputs[Int(span.place.input)].fingerprint ?? [])
      hash.update(data: Array("\(span.place.byteOffset) \(span.place.byteLength) ".utf8))
    }
    hash.update(data: bytes)
    return Array(hash.finalize())
  }
}
