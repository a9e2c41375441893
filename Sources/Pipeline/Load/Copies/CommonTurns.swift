/// The turns two copies of a conversation have in common: the most there can be in the order of both
/// (a longest common subsequence), so that a turn that one copy lacks or has elsewhere costs that turn alone.
///
/// Hunt and Szymanski, "A fast algorithm for computing longest common subsequences", CACM 20 (1977): the
/// time is that of the equal pairs, as few as there are turns unless many say the same. Where there are more
/// than `pairLimit` pairs, the n-th turn that says something is compared with the n-th alone.
enum CommonTurns {
  private static let pairLimit = 1 << 20

  /// A turn of each copy that are the same, by their positions.
  typealias Pair = (left: Int, right: Int)

  /// What passing a turn on the right may cost the turns that come later on the left, in turns.
  private static let passingCost = 0.3

  /// Pairs turns; those of the answer are in order on both sides, and of all ways to do it this ends soonest on
  /// the right, where what comes in a later batch goes on.
  static func pairs(
    _ left: [TurnDigest], _ right: [TurnDigest], pairLimit: Int = pairLimit
  ) -> [Pair] {
    let start = commonStart(left, right)
    return (0..<start).map { ($0, $0) }
      + rest(left, start..<left.count, right, start..<right.count, pairLimit)
  }

  /// Pairs turns of which more come on the left.
  ///
  /// The most there can be in this batch would not be the most there can be: what many say is found again far
  /// behind where the copies went on, and all that is passed on the way is lost to later batches. So what both say
  /// once is paired first, then what is between; behind the last of these a turn is paired only where as few are passed
  /// as are worth it.
  static func pairsOfBeginning(
    _ left: [TurnDigest], _ right: [TurnDigest], pairLimit: Int = pairLimit
  ) -> [Pair] {
    let start = commonStart(left, right)
    var pairs: [Pair] = (0..<start).map { ($0, $0) }
    var (own, other) = (start, start)
    for anchor in anchors(left, start..<left.count, right, start..<right.count) {
      pairs += rest(left, own..<anchor.left, right, other..<anchor.right, pairLimit)
      pairs.append(anchor)
      (own, other) = (anchor.left + 1, anchor.right + 1)
    }
    return pairs
      + rest(
        left, own..<left.count, right, other..<right.count, pairLimit, passingCost: passingCost)
  }

  private static func commonStart(_ left: [TurnDigest], _ right: [TurnDigest]) -> Int {
    var start = 0
    while start < min(left.count, right.count), left[start] == right[start] { start += 1 }
    return start
  }

  /// Pairs of turns that say what no other says on their side.
  private static func anchors(
    _ left: [TurnDigest], _ own: Range<Int>, _ right: [TurnDigest], _ others: Range<Int>
  ) -> [Pair] {
    var counts: [TurnDigest: Int] = [:]
    for turn in left { counts[turn, default: 0] += 1 }
    /// Nil of what stands there more than once.
    var places: [TurnDigest: Int?] = [:]
    for place in right.indices where counts[right[place]] == 1 {
      places[right[place]] = .some(places[right[place]] == nil ? place : nil)
    }
    return increasing(own) { turn in
      guard let place = places[left[turn]] ?? nil, others.contains(place) else { return [] }
      return [place]
    }
  }

  private static func rest(
    _ left: [TurnDigest], _ own: Range<Int>, _ right: [TurnDigest], _ others: Range<Int>,
    _ pairLimit: Int, passingCost: Double = 0
  ) -> [Pair] {
    var places: [TurnDigest: [Int]] = [:]
    for place in others { places[right[place], default: []].append(place) }
    let count = own.reduce(0) { $0 + (places[left[$1]]?.count ?? 0) }
    guard count > 0 else { return [] }
    guard count <= pairLimit else {
      var next: [TurnDigest: Int] = [:]
      return increasing(own, from: others.lowerBound, passingCost: passingCost) { turn in
        let number = next[left[turn], default: 0]
        next[left[turn]] = number + 1
        guard let all = places[left[turn]], number < all.count else { return [] }
        return [all[number]]
      }
    }
    return increasing(own, from: others.lowerBound, passingCost: passingCost) {
      places[left[$0]] ?? []
    }
  }

  /// The longest chain of pairs that rises on both sides; `places` are each turn's, rising.
  ///
  /// It is cut short where going on costs more than it gives, if passing a place from `start` on costs anything.
  private static func increasing(
    _ turns: Range<Int>, from start: Int = 0, passingCost: Double = 0, _ places: (Int) -> [Int]
  ) -> [Pair] {
    /// A pair, and the best chain's before it.
    var links: [(pair: Pair, before: Int)] = []
    /// Of chains of each length, the link that ends farthest to the left on the other side.
    var ends: [Int] = []
    for turn in turns {
      // From behind, so that no two pairs of one turn get into a chain.
      for place in places(turn).reversed() {
        var (low, high) = (0, ends.count)
        while low < high {
          let middle = (low + high) / 2
          if links[ends[middle]].pair.right < place { low = middle + 1 } else { high = middle }
        }
        if low < ends.count, links[ends[low]].pair.right == place { continue }
        links.append(((turn, place), low == 0 ? -1 : ends[low - 1]))
        if low == ends.count { ends.append(links.count - 1) } else { ends[low] = links.count - 1 }
      }
    }
    var chain: [Pair] = []
    var (link, gain) = (-1, 0.0)
    for (index, end) in ends.enumerated() {
      let own = Double(index + 1) - passingCost * Double(links[end].pair.right + 1 - start)
      if own > gain || passingCost == 0 { (link, gain) = (end, own) }
    }
    while link >= 0 {
      chain.append(links[link].pair)
      link = links[link].before
    }
    return chain.reversed()
  }
}
