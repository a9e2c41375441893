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
}
