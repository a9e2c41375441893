/// `parent.cycle`: a session is among the ancestors it is said to continue.
///
/// Memory: some hundred bytes for each session whose parent has a parent too; all others are on no cycle.
struct ParentCycle {
  /// Sessions that may be on a cycle, by their key.
  private var children: [UInt64: RunMark] = [:]

  /// Takes the marks of one key.
  mutating func add(_ marks: ArraySlice<RunMark>) {
    // A parent that continues nothing ends every line of ancestors.
    let hasParent = marks.contains { $0.kind == .session && $0.other != 0 && $0.other != $0.key }
    guard hasParent else { return }
    for mark in marks where mark.kind == .child && mark.other != mark.key {
      children[mark.other] = mark
    }
  }

  /// The sessions on cycles, in the order of the inputs.
  func broken() -> [RunMark] {
    var onCycle: [RunMark] = []
    /// The walk that came by a session first.
    var walks: [UInt64: Int] = [:]
    for (walk, start) in children.keys.sorted().enumerated() {
      var at = start
      while walks[at] == nil, let child = children[at] {
        walks[at] = walk
        at = child.key
      }
      guard walks[at] == walk else { continue }
      // The walk has met itself: this is where the cycle is closed.
      let first = at
      repeat {
        guard let child = children[at] else { break }
        onCycle.append(child)
        at = child.key
      } while at != first
    }
    return onCycle.sorted {
      ($0.place.input, $0.place.byteOffset, $0.other)
        < ($1.place.input, $1.place.byteOffset, $1.other)
    }
  }
}
