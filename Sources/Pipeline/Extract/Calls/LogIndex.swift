/// Which records of tool-call logs are of one call, and which calls of one day, found by reading the logs
/// through once: several processes write one log, each some records at a time, so that it is in no order.
///
/// Memory: a few hundred bytes a record, not its text.
struct LogIndex {
  /// A session a log and day, in the order of their first calls; records that are none are alone.
  private(set) var groups: [RecordGroup] = []
  private(set) var remarks: [InputSegment] = []

  /// Reads the logs through.
  ///
  /// - Throws: ``RunError`` for a record beyond the limit.
  init(_ inputs: [PlannedInput], _ composer: inout CallComposer) throws(RunError) {
    for input in inputs {
      var entries: [Entry] = []
      remarks += try RecordScan.each([input]) { _, segment, place in
        entries.append(
          Entry(
            place: place, record: composer.logged(segment.bytes, segment.range(of: place))))
      }
      group(entries, log: Self.logName(input.name))
    }
  }

  private struct Entry {
    var place: Place
    var record: CallComposer.LoggedRecord?
  }

  /// The log's own name, wherever it lies and however it is stored.
  private static func logName(_ name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return last.hasSuffix(".gz") ? String(last.dropLast(3)) : last
  }

  private mutating func group(_ entries: [Entry], log: String) {
    var numbers: [[UInt8]: Int] = [:]
    for call in Self.calls(entries) {
      guard let time = call[0].record.map(\.time) else {
        groups.append(
          RecordGroup(dialect: .toolCalls, key: nil, places: call.map(\.place)))
        continue
      }
      let day = time.map { ":" + $0.rfc3339.prefix(10) } ?? ""
      let key = Array("tool-calls:\(log)\(day)".utf8)
      let number = numbers[key] ?? groups.count
      if number == groups.count {
        numbers[key] = number
        groups.append(RecordGroup(dialect: .toolCalls, key: key, places: []))
      }
      groups[number].places += call.map(\.place)
    }
  }

  /// The calls by the time they began, each with its end if that is there; what is no record of a call
  /// comes first.
  private static func calls(_ entries: [Entry]) -> [[Entry]] {
    var calls: [[Entry]] = entries.filter { $0.record == nil }.map { [$0] }
    var open: [[UInt8]: [Int]] = [:]
    for entry in ordered(entries) {
      guard let record = entry.record else { continue }
      if record.isEnd, let pair = record.pair, let number = open[pair]?.popLast() {
        calls[number].append(entry)
        continue
      }
      if record.isBeginning, let pair = record.pair { open[pair, default: []].append(calls.count) }
      calls.append([entry])
    }
    return calls
  }

  /// Records by their time, those without one behind the record before them.
  private static func ordered(_ entries: [Entry]) -> [Entry] {
    var latest = Timestamp(microseconds: .min)
    let timed = entries.filter { $0.record != nil }.enumerated().map { number, entry in
      latest = entry.record?.time ?? latest
      return (time: latest, isEnd: entry.record?.isEnd ?? false, number: number, entry: entry)
    }
    return timed.sorted { left, right in
      if left.time != right.time { return left.time < right.time }
      if left.isEnd != right.isEnd { return right.isEnd }
      return left.number < right.number
    }.map(\.entry)
  }
}
