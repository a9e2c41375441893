internal import Archive
internal import Crypto

/// Hands out records that were put together from several: requests and answers, a conversation each, and
/// what tool-call logs say, a log's day each.
struct CallSource: ~Copyable {
  private let inputs: [PlannedInput]
  private let batchBytes: Int
  private var composer: CallComposer
  private var fetcher = RecordFetcher()
  private let groups: [RecordGroup]
  private let remarks: [InputSegment]
  private var next = 0
  private var areRemarksTold = false
  /// Bytes handed out, which tell one segment from another.
  private var byteOffset = 0

  /// Reads those of the run's inputs through whose records are gathered.
  ///
  /// - Throws: ``RunError`` for a record beyond the limit.
  init(_ inputs: [PlannedInput], batchBytes: Int) throws(RunError) {
    var composer = try CallComposer()
    let calls = try CallIndex(inputs.filter { $0.dialect == .requestResponse }, &composer)
    let logs = try LogIndex(inputs.filter { $0.dialect == .toolCalls }, &composer)
    groups =
      calls.groups.map { group in
        RecordGroup(
          dialect: .requestResponse, key: group.key, places: group.entries.map(\.place))
      } + logs.groups
    remarks = calls.remarks + logs.remarks
    self.inputs = inputs
    self.batchBytes = batchBytes
    self.composer = composer
  }

  /// The next records of one dialect, about a batch of them; nil when all have been handed out.
  mutating func nextBatch() -> SourceBatch? {
    var segments: [InputSegment] = []
    if !areRemarksTold {
      segments = remarks
      areRemarksTold = true
    }
    var bytes: [UInt8] = []
    var records: [Range<Int>] = []
    var spans: [SourceSpan] = []
    var storedBytes = 0
    let dialect = next < groups.count ? groups[next].dialect : nil
    while next < groups.count, bytes.count < batchBytes, groups[next].dialect == dialect {
      let group = groups[next]
      next += 1
      let (start, firstSpan) = (bytes.count, spans.count)
      do throws(StreamError) {
        try append(group, to: &bytes, &spans)
        records.append(start..<bytes.count)
        storedBytes += group.places.reduce(0) { $0 + $1.byteLength }
        bytes.append(UInt8(ascii: "\n"))
      } catch {
        bytes.removeSubrange(start...)
        spans.removeSubrange(firstSpan...)
        segments.append(.unreadable(inputs[Int(group.places[0].input)], error))
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
    _ group: RecordGroup, to bytes: inout [UInt8], _ spans: inout [SourceSpan]
  ) throws(StreamError) {
    guard let key = group.key else {
      // As it stands, to be rejected by what is wrong with it.
      for place in group.places {
        let start = bytes.count
        bytes += try fetcher.bytes(at: place, of: inputs[Int(place.input)])
        spans.append(SourceSpan(range: start..<bytes.count, place: place))
      }
      return
    }
    let records = try fetch(group.places)
    composer.begin(group.dialect, key, in: &bytes)
    for (number, place) in group.places.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      let range = composer.append(
        records[number], group.dialect, file: inputs[Int(place.input)].name, to: &bytes)
      spans.append(SourceSpan(range: range, place: place))
    }
    composer.end(in: &bytes)
  }

  /// Reads the records at some places, in the order they have in their inputs.
  private mutating func fetch(_ places: [Place]) throws(StreamError) -> [[UInt8]] {
    var records: [[UInt8]] = Array(repeating: [], count: places.count)
    let order = places.indices.sorted { left, right in
      (places[left].input, places[left].byteOffset)
        < (places[right].input, places[right].byteOffset)
    }
    for number in order {
      records[number] = try fetcher.bytes(
        at: places[number], of: inputs[Int(places[number].input)])
    }
    return records
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
