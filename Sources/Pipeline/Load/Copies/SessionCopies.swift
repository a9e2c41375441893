/// One session's messages as a batch of another source brings them, and as the target has them.
///
/// A message the target has not is compared with the stored ones that are not this source's and that no
/// message of this source has been found to be yet: so a turn that was said n times and is stored k times is
/// the same k times, however many batches and runs it comes in. Between two messages whose rows are known
/// only what is stored between these is looked at.
struct SessionCopies {
  /// A message on its way in.
  struct Staged {
    let id: RowId
    let digest: TurnDigest
    let time: Timestamp
    /// Whether the target has a row of this very id.
    let isThere: Bool
  }

  /// A row the target has.
  struct Stored {
    let id: RowId
    let digest: TurnDigest
    let time: Timestamp
  }

  /// What is known of a message of some source: the row that stands for it.
  struct Known {
    let id: RowId
    let row: RowId
    /// Whether it is of the source the batch is of.
    let isOwn: Bool
  }

  /// What becomes of the messages.
  struct Alignment {
    /// Messages a stored row stands for, and that row.
    var copies: [(id: RowId, row: RowId)] = []
    /// What was not known before: of a message that is new, its own row.
    var learned: [(id: RowId, row: RowId)] = []
    /// Times that messages are to have for the target to sort them to where they stand.
    var times: [(id: RowId, time: Timestamp)] = []
    /// Those of ``times`` that are not the message's own, and of no row that is there.
    var moved: [RowId] = []
    /// Messages no row stood for.
    var newCount = 0
  }

  private let staged: [Staged]
  private let stored: [Stored]
  private let isOfFirstSource: Bool
  /// Whether a later batch has more of its messages.
  private let goesOn: Bool
  /// Rows of this source's messages.
  private var rows: [RowId: RowId] = [:]
  /// Rows of other sources' own messages.
  private var foreign: Set<RowId> = []

  /// - Parameters:
  ///   - staged: the batch's, in their order.
  ///   - stored: all the session has, as the target sorts them.
  ///   - known: what earlier batches found.
  ///   - isOfFirstSource: whether the batch is of the source that made the session, whose rows are those
  ///     nothing is known of.
  ///   - goesOn: whether a later batch of the source has more of the session's messages.
  init(
    staged: [Staged], stored: [Stored], known: [Known], isOfFirstSource: Bool, goesOn: Bool = false
  ) {
    self.goesOn = goesOn
    self.staged = staged
    self.stored = stored
    self.isOfFirstSource = isOfFirstSource
    for one in known {
      if one.isOwn {
        rows[one.id] = one.row
      } else if one.id == one.row {
        foreign.insert(one.row)
      }
    }
  }

  func align() -> Alignment {
    var alignment = Alignment()
    let places = Dictionary(stored.indices.map { (stored[$0].id, $0) }) { first, _ in first }
    /// Where the row that stands for each message is; nil of those that are to find theirs.
    var anchors: [Int?] = []
    var isFree: [Bool] = []
    for message in staged {
      let row = rows[message.id].flatMap { places[$0] }
      anchors.append(row ?? (message.isThere ? places[message.id] : nil))
      isFree.append(row == nil && !message.isThere)
    }
    let found = rows.filter { $0.key != $0.value }.compactMap { places[$0.value] }
    let candidates = candidates(except: Set(anchors.compactMap { $0 }))
    var start = 0
    while start < staged.count {
      guard isFree[start] else {
        start += 1
        continue
      }
      let end = isFree[start...].firstIndex(of: false) ?? staged.count
      let above = anchors[end...].lazy.compactMap { $0 }.first ?? stored.count
      let before = anchors[..<start].lazy.reversed().compactMap { $0 }.first
      // A session's later batch goes on behind what the ones before it found.
      let last = found.filter { $0 < above }.max()
      let below = before ?? last ?? -1
      let isOpen = goesOn && end == staged.count
      pair(
        start..<end, candidates.filter { $0 > below && (above <= below || $0 < above) }, &anchors,
        goingOn: isOpen)
      if before == nil, let last {
        pair(start..<end, candidates.filter { $0 < last }, &anchors)
      }
      start = end
    }
    settle(anchors, isFree, &alignment)
    place(anchors, isFree, after: found.max(), &alignment)
    return alignment
  }

  /// Finds the rows of those of some messages that have none yet.
  private func pair(
    _ messages: Range<Int>, _ candidates: [Int], _ anchors: inout [Int?], goingOn: Bool = false
  ) {
    let open = messages.filter { anchors[$0] == nil }
    let (left, right) = (open.map { staged[$0].digest }, candidates.map { stored[$0].digest })
    for pair in goingOn
      ? CommonTurns.pairsOfBeginning(left, right) : CommonTurns.pairs(left, right)
    {
      anchors[open[pair.left]] = candidates[pair.right]
    }
  }

  /// Stored rows a message of this source may find to be its own.
  private func candidates(except taken: Set<Int>) -> [Int] {
    let found = Set(rows.values)
    return stored.indices.filter { place in
      let id = stored[place].id
      let isOwn = found.contains(id) || isOfFirstSource && !foreign.contains(id)
      return !isOwn && !taken.contains(place)
    }
  }

  private func settle(_ anchors: [Int?], _ isFree: [Bool], _ alignment: inout Alignment) {
    for (index, message) in staged.enumerated() {
      guard let place = anchors[index] else {
        guard isFree[index] else { continue }
        alignment.newCount += 1
        if !isOfFirstSource { alignment.learned.append((message.id, message.id)) }
        continue
      }
      let row = stored[place].id
      if row != message.id { alignment.copies.append((message.id, row)) }
      // The first source's own rows are known by there being nothing known of them.
      if rows[message.id] != row, row != message.id || !isOfFirstSource {
        alignment.learned.append((message.id, row))
      }
    }
  }

  /// Gives new messages times between those of their neighbours, and those that are there the times they
  /// have, which may be such.
  ///
  /// `last` is the last row that an earlier batch of the source found.
  private func place(
    _ anchors: [Int?], _ isFree: [Bool], after last: Int?, _ alignment: inout Alignment
  ) {
    var occupied = Set(stored.map(\.time.microseconds))
    var nextTimes: [Int64?] = Array(repeating: nil, count: staged.count)
    /// New messages from here to the next one that has a row.
    var remaining = Array(repeating: Int64(0), count: staged.count)
    var (next, count): (Int64?, Int64) = (nil, 0)
    for index in staged.indices.reversed() {
      if let place = anchors[index] {
        (next, count) = (stored[place].time.microseconds, 0)
      } else if isFree[index] {
        count += 1
      }
      (nextTimes[index], remaining[index]) = (next, count)
    }
    /// The row before, and the last time given out behind it.
    var (floor, cursor): (Int64?, Int64) = (nil, .min)
    for (index, message) in staged.enumerated() {
      if let place = anchors[index] {
        floor = stored[place].time.microseconds
        cursor = stored[place].time.microseconds
        if message.isThere, stored[place].id == message.id {
          alignment.times.append((message.id, stored[place].time))
        }
        continue
      }
      guard isFree[index] else { continue }
      var time = message.time.microseconds
      // The first of a batch, by a clock that tells seconds, may seem to be before the last of another's.
      if floor == nil, let before = last.map({ stored[$0].time.microseconds }),
        (0..<Timestamp.microsecondsPerSecond).contains(before - time)
      {
        (floor, cursor) = (before, before)
      }
      // Among themselves they keep the times they have, steps back as well.
      if let floor, time <= floor {
        time = cursor + 1
        cursor = time
      }
      if let next = nextTimes[index], time >= next, next - remaining[index] > cursor {
        time = next - remaining[index]
      }
      while occupied.contains(time), nextTimes[index].map({ time + 1 < $0 }) ?? true { time += 1 }
      occupied.insert(time)
      guard time != message.time.microseconds else { continue }
      alignment.times.append((message.id, Timestamp(microseconds: time)))
      alignment.moved.append(message.id)
    }
  }
}
