/// Which records of the inputs are of one conversation, found by reading them through once.
///
/// Memory: a few hundred bytes a record, not its text.
struct CallIndex {
  /// A record, where it stands, and what it says of where it belongs; nil of one that says nothing.
  struct Entry {
    var place: Place
    var half: CallHalf?
    /// The time in the name of its file.
    var milliseconds: Int?
  }

  /// Records that become one, in the order they go.
  struct Group {
    /// The conversation's id; nil of a record that belongs to nothing.
    var key: [UInt8]?
    var entries: [Entry] = []
  }

  private(set) var groups: [Group] = []
  /// What is to be told of inputs: that one is empty, cannot be read, or ends in damage.
  private(set) var remarks: [InputSegment] = []

  /// Reads the inputs through; where one ends in damage, what stands before it counts.
  ///
  /// - Throws: ``RunError`` for a record beyond the limit.
  init(_ inputs: [PlannedInput], _ composer: inout CallComposer) throws(RunError) {
    var entries: [Entry] = []
    remarks = try RecordScan.each(inputs) { input, segment, place in
      entries.append(
        Entry(
          place: place,
          half: composer.half(segment.bytes, segment.range(of: place), file: input.name),
          milliseconds: CallComposer.milliseconds(inName: input.name)))
    }
    groups = Self.grouped(entries)
  }

  /// Puts halves with one id together, and all of one conversation.
  private static func grouped(_ entries: [Entry]) -> [Group] {
    var conversations: [[UInt8]: [UInt8]] = [:]
    for side in [CallEnvelope.Side.request, .response] {
      // What an answer says comes after its request, and counts.
      for case let half? in entries.map(\.half) where half.side == side {
        if let id = half.continuationId { conversations[half.call] = id }
      }
    }
    var numbers: [[UInt8]: Int] = [:]
    var groups: [Group] = []
    for entry in entries {
      guard let half = entry.half else {
        groups.append(Group(entries: [entry]))
        continue
      }
      let key = conversations[half.call] ?? Array("request:".utf8) + half.call
      let number = numbers[key] ?? groups.count
      if number == groups.count {
        numbers[key] = number
        groups.append(Group(key: key))
      }
      groups[number].entries.append(entry)
    }
    for number in groups.indices where groups[number].entries.count > 1 {
      groups[number].entries = ordered(groups[number].entries)
    }
    return groups
  }

  /// Calls by the time of their first half, those without one in the order they were met; of each the request
  /// first.
  private static func ordered(_ entries: [Entry]) -> [Entry] {
    var calls: [[UInt8]: (number: Int, milliseconds: Int)] = [:]
    var latest = 0
    for entry in entries {
      guard let half = entry.half else { continue }
      let time = entry.milliseconds ?? latest
      latest = time
      let known = calls[half.call] ?? (calls.count, time)
      calls[half.call] = (known.number, min(known.milliseconds, time))
    }
    func rank(_ entry: Entry) -> (Int, Int, Int) {
      guard let half = entry.half, let call = calls[half.call] else { return (0, 0, 0) }
      return (call.milliseconds, call.number, half.side == .request ? 0 : 1)
    }
    // Stable, so that halves that come twice stay in the order they were met.
    return entries.enumerated().sorted { left, right in
      let (a, b) = (rank(left.element), rank(right.element))
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
  }
}
