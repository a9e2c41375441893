internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct CommonTurnsTests {
  private static func turns(_ words: String) -> [TurnDigest] {
    words.utf8.map { TurnDigest(high: 0, low: UInt64($0)) }
  }

  private static func pairs(_ left: String, _ right: String, limit: Int = 1 << 20) -> [[Int]] {
    CommonTurns.pairs(turns(left), turns(right), pairLimit: limit).map { [$0.left, $0.right] }
  }

  @Test func `what both have is paired in order, and the rest is left alone`() {
    #expect(Self.pairs("abcd", "abcd") == [[0, 0], [1, 1], [2, 2], [3, 3]])
    #expect(Self.pairs("", "ab") == [])
    #expect(Self.pairs("ab", "xabz") == [[0, 1], [1, 2]])
    #expect(Self.pairs("axbzc", "abcd") == [[0, 0], [2, 1], [4, 2]])
    #expect(Self.pairs("dabc", "abcd") == [[1, 0], [2, 1], [3, 2]])
    #expect(Self.pairs("abc", "xyz") == [])
  }

  @Test func `what is said n times and k times is paired the smaller number of times`() {
    #expect(Self.pairs("aaa", "aa").count == 2)
    #expect(Self.pairs("aba", "aa") == [[0, 0], [2, 1]])
    #expect(Self.pairs("xay", "axay") == [[0, 1], [1, 2], [2, 3]])
  }

  @Test func `of a copy that goes on, what both say once is paired, and the rest only near it`() {
    func pairs(_ left: String, _ right: String) -> [[Int]] {
      CommonTurns.pairsOfBeginning(Self.turns(left), Self.turns(right)).map { [$0.left, $0.right] }
    }
    let far = String(repeating: "-", count: 200)
    #expect(pairs("abc", far + "abc") == [[0, 200], [1, 201], [2, 202]])
    #expect(pairs("akbkk", "akbkck") == [[0, 0], [1, 1], [2, 2], [3, 3], [4, 5]])
    #expect(pairs("akbkk", "akbkcdefkg") == [[0, 0], [1, 1], [2, 2], [3, 3]])
    #expect(Self.pairs("akbkk", "akbkcdefkg").count == 5)
    #expect(pairs("kk", "abcdefghkk") == [])
    #expect(pairs("kkz", "abcdefghkkzk") == [[0, 8], [1, 9], [2, 10]])
    #expect(pairs("", "a") == [])
    #expect(pairs("a", "") == [])
  }

  @Test func `as many turns are paired as by trying all ways`() {
    var random = SeededNumbers(seed: 20_251_015)
    for _ in 0..<400 {
      let kinds = Int.random(in: 1...6, using: &random)
      func copy() -> [TurnDigest] {
        (0..<Int.random(in: 0...14, using: &random)).map { _ in
          TurnDigest(high: 1, low: UInt64(Int.random(in: 0..<kinds, using: &random)))
        }
      }
      let (left, right) = (copy(), copy())
      let pairs = CommonTurns.pairs(left, right)
      #expect(pairs.count == Self.longest(left[...], right[...]))
      Self.expectInOrder(pairs, left, right)
      Self.expectInOrder(CommonTurns.pairs(left, right, pairLimit: 3), left, right)
    }
  }

  @Test func `a turn repeated without end costs what its number costs, not its square`() {
    let left = Self.turns("x" + String(repeating: "a", count: 20_000))
    let right = Self.turns(String(repeating: "a", count: 20_000) + "y")
    let pairs = CommonTurns.pairs(left, right)
    #expect(pairs.count == 20_000)
    Self.expectInOrder(pairs, left, right)
  }

  private static func expectInOrder(
    _ pairs: [CommonTurns.Pair], _ left: [TurnDigest], _ right: [TurnDigest]
  ) {
    #expect(pairs.allSatisfy { left[$0.left] == right[$0.right] })
    #expect(
      zip(pairs, pairs.dropFirst()).allSatisfy { $0.left < $1.left && $0.right < $1.right })
  }

  private static func longest(
    _ left: ArraySlice<TurnDigest>, _ right: ArraySlice<TurnDigest>
  ) -> Int {
    var row = [Int](repeating: 0, count: right.count + 1)
    for one in left {
      var diagonal = 0
      for (index, other) in right.enumerated() {
        let above = row[index + 1]
        row[index + 1] = one == other ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row.last ?? 0
  }
}
