internal import Testing

@testable internal import Pipeline

@Suite struct SessionCopiesTests {
  /// A stored row or a message on its way in, `number` of its source, at a microsecond.
  private static func stored(_ number: Int, _ word: Character, _ time: Int64)
    -> SessionCopies.Stored
  {
    .init(id: id(1, number), digest: digest(word), time: Timestamp(microseconds: time))
  }

  private static func staged(_ number: Int, _ word: Character, _ time: Int64, isThere: Bool = false)
    -> SessionCopies.Staged
  {
    .init(
      id: id(2, number), digest: digest(word), time: Timestamp(microseconds: time),
      isThere: isThere)
  }

  private static func id(_ source: Int, _ number: Int) -> RowId {
    RowId(high: UInt64(source), low: UInt64(number))
  }

  private static func digest(_ word: Character) -> TurnDigest {
    TurnDigest(high: 0, low: UInt64(word.asciiValue ?? 0))
  }

  private static func times(_ alignment: SessionCopies.Alignment) -> [Int64] {
    alignment.times.map(\.time.microseconds)
  }

  @Test func `messages that are there are copies, the others are new and known for their source's`()
  {
    let alignment = SessionCopies(
      staged: [Self.staged(0, "a", 1), Self.staged(1, "x", 2), Self.staged(2, "b", 3)],
      stored: [Self.stored(0, "a", 10), Self.stored(1, "b", 20)], known: [],
      isOfFirstSource: false
    ).align()
    #expect(alignment.copies.map(\.id) == [Self.id(2, 0), Self.id(2, 2)])
    #expect(alignment.copies.map(\.row) == [Self.id(1, 0), Self.id(1, 1)])
    #expect(alignment.learned.map(\.row) == [Self.id(1, 0), Self.id(2, 1), Self.id(1, 1)])
    #expect(alignment.newCount == 1)
  }

  @Test func `a row that stands for one message of a source stands for no other of it`() {
    let known = SessionCopies.Known(id: Self.id(2, 0), row: Self.id(1, 0), isOwn: true)
    let again = SessionCopies(
      staged: [Self.staged(1, "a", 5)], stored: [Self.stored(0, "a", 10)], known: [known],
      isOfFirstSource: false
    ).align()
    #expect(again.copies.isEmpty)
    #expect(again.newCount == 1)
    let third = SessionCopies(
      staged: [Self.staged(0, "a", 5)], stored: [Self.stored(0, "a", 10)],
      known: [.init(id: Self.id(3, 0), row: Self.id(1, 0), isOwn: false)], isOfFirstSource: false
    ).align()
    #expect(third.copies.map(\.row) == [Self.id(1, 0)])
  }

  @Test func `the first source's own rows are none of its new messages'`() {
    let stored = [Self.stored(0, "a", 10), Self.stored(1, "b", 20)]
    let foreign = SessionCopies.Known(id: Self.id(1, 1), row: Self.id(1, 1), isOwn: false)
    let alignment = SessionCopies(
      staged: [Self.staged(0, "a", 30), Self.staged(1, "b", 40)], stored: stored,
      known: [foreign], isOfFirstSource: true
    ).align()
    #expect(alignment.copies.map(\.row) == [Self.id(1, 1)])
    #expect(alignment.newCount == 1)
    #expect(alignment.learned.map(\.id) == [Self.id(2, 1)])
  }

  @Test func `a copy whose row is gone looks for another`() {
    let known = SessionCopies.Known(id: Self.id(2, 0), row: Self.id(1, 9), isOwn: true)
    let alignment = SessionCopies(
      staged: [Self.staged(0, "a", 5)], stored: [Self.stored(0, "a", 10)], known: [known],
      isOfFirstSource: false
    ).align()
    #expect(alignment.copies.map(\.row) == [Self.id(1, 0)])
  }

  @Test func `a later batch goes on behind what was found, and else finds what was passed`() {
    let stored = [
      Self.stored(0, "a", 10), Self.stored(1, "b", 20), Self.stored(2, "a", 30),
      Self.stored(3, "z", 40),
    ]
    func found(_ row: Int) -> [Int] {
      SessionCopies(
        staged: [Self.staged(1, "a", 5), Self.staged(2, "b", 6), Self.staged(3, "x", 39)],
        stored: stored,
        known: [.init(id: Self.id(2, 0), row: Self.id(1, row), isOwn: true)],
        isOfFirstSource: false
      ).align().copies.map { Int($0.row.low) }
    }
    #expect(found(3) == [0, 1])
    #expect(found(1) == [2])
    #expect(found(0) == [1])
  }

  @Test func `between two known rows only what is stored between them is looked at`() {
    let known = [0, 2].map {
      SessionCopies.Known(id: Self.id(2, $0), row: Self.id(1, $0), isOwn: true)
    }
    let alignment = SessionCopies(
      staged: [Self.staged(0, "a", 1), Self.staged(1, "x", 2), Self.staged(2, "b", 3)],
      stored: [
        Self.stored(0, "a", 10), Self.stored(1, "y", 15), Self.stored(2, "b", 20),
        Self.stored(3, "x", 30),
      ], known: known, isOfFirstSource: false
    ).align()
    #expect(alignment.copies.map(\.id) == [Self.id(2, 0), Self.id(2, 2)])
    #expect(alignment.newCount == 1)
    #expect(Self.times(alignment) == [11])
  }

  @Test(arguments: [
    // Between 1000 and 2000 it stays, else it is moved there, beside no other's time.
    ([Int64(1500)], []), ([500], [Int64(1001)]), ([500, 600], [1001, 1002]),
    ([2500, 2400], [1998, 1999]), ([1500, 2500], [1999]), ([500, 2500], [1001, 1999]),
    ([1700, 1600], []), ([1000], [1001]), ([2000], [1999]),
  ])
  func `a new message's time is between those of its neighbours`(own: [Int64], moved: [Int64]) {
    let alignment = SessionCopies(
      staged: [Self.staged(0, "a", 1)]
        + own.enumerated().map { Self.staged($0.offset + 1, "x", $0.element) }
        + [Self.staged(9, "b", 2)],
      stored: [Self.stored(0, "a", 1000), Self.stored(1, "b", 2000)], known: [],
      isOfFirstSource: false
    ).align()
    #expect(Self.times(alignment) == moved)
    #expect(alignment.moved.count == moved.count)
  }

  @Test func `without a neighbour a message keeps its time, unless another has it`() {
    let alignment = SessionCopies(
      staged: [Self.staged(0, "x", 20), Self.staged(1, "y", 10), Self.staged(2, "z", 5)],
      stored: [Self.stored(0, "a", 10), Self.stored(1, "b", 11)], known: [],
      isOfFirstSource: false
    ).align()
    #expect(Self.times(alignment) == [12])
    #expect(alignment.moved == [Self.id(2, 1)])
  }

  /// Loads a copy in batches beside another that is there, each of numbered turns; gives the row of each turn.
  private static func load(
    _ turns: [Int], beside there: [Int], batchTurns: Int, _ word: (Int) -> UInt64
  ) -> [Int: RowId] {
    func digest(_ turn: Int) -> TurnDigest { TurnDigest(high: 1, low: word(turn)) }
    func time(_ turn: Int) -> Timestamp { Timestamp(microseconds: Int64(turn) * 10_000) }
    var stored = there.map { turn in
      SessionCopies.Stored(id: id(1, turn), digest: digest(turn), time: time(turn))
    }
    var rows: [Int: RowId] = [:]
    for start in stride(from: 0, to: turns.count, by: batchTurns) {
      let batch = turns[start..<min(start + batchTurns, turns.count)]
      let alignment = SessionCopies(
        staged: batch.map { turn in
          .init(id: id(2, turn), digest: digest(turn), time: time(turn), isThere: false)
        },
        stored: stored, known: rows.map { .init(id: id(2, $0.key), row: $0.value, isOwn: true) },
        isOfFirstSource: false, goesOn: start + batchTurns < turns.count
      ).align()
      let learned = Dictionary(alignment.learned.map { ($0.id, $0.row) }) { first, _ in first }
      let times = Dictionary(alignment.times.map { ($0.id, $0.time) }) { first, _ in first }
      for turn in batch {
        guard let row = learned[id(2, turn)] else { continue }
        rows[turn] = row
        guard row == id(2, turn) else { continue }
        stored.append(.init(id: row, digest: digest(turn), time: times[row] ?? time(turn)))
      }
      stored.sort { $0.time < $1.time }
    }
    return rows
  }

  @Test(arguments: [20, 100], [(3, 5), (5, 3), (2, 7)])
  func `a copy cut into batches finds the turns it has in common, though many say the same`(
    batchTurns: Int, lacking: (own: Int, other: Int)
  ) {
    var random = SeededNumbers(seed: UInt64(batchTurns + lacking.own))
    let words = (0..<1000).map { turn in
      Bool.random(using: &random) ? UInt64(turn + 10) : UInt64.random(in: 0..<5, using: &random)
    }
    let own = (0..<1000).filter { $0 % 7 != lacking.own }
    // The other one has a gap as well, which is more than a batch.
    let other = (0..<1000).filter { $0 % 7 != lacking.other % 7 && !(400..<550).contains($0) }
    let rows = Self.load(own, beside: other, batchTurns: batchTurns) { words[$0] }
    #expect(rows.count == own.count)
    let common = Set(own).intersection(other)
    let found = common.count { rows[$0] == Self.id(1, $0) }
    #expect(found >= common.count * 9 / 10, "\(found) of \(common.count)")
    // No row stands for two turns.
    #expect(Set(rows.values).count == rows.count)
    let kept = other.count + rows.count { $0.value == Self.id(2, $0.key) }
    #expect(kept <= own.count + other.count - common.count * 98 / 100)
  }
}
