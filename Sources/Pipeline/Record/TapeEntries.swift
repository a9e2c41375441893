/// Memory for the entries of a tape, which are written without a look at how much of it there is.
///
/// An array would count and check for each of the millions of values of a run.
@safe
struct TapeEntries: ~Copyable {
  private(set) var base: UnsafeMutablePointer<JSONTape.Entry>
  private(set) var capacity: Int
  /// How many there are, from the first one on.
  var count = 0

  init(capacity: Int) {
    unsafe base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { unsafe base.deallocate() }

  /// Makes room for some more; half of what is there at least, so that many pieces of a document do not each
  /// move what was before them.
  mutating func reserve(_ extra: Int) {
    guard count + extra > capacity else { return }
    resize(max(count + extra, capacity + capacity / 2))
  }

  /// Appends one there is room for.
  mutating func append(_ entry: JSONTape.Entry) {
    precondition(count < capacity, "no room for the entry")
    unsafe (base + count).initialize(to: entry)
    count += 1
  }

  /// Forgets all entries and gives back memory beyond `limit` of them.
  mutating func clear(keeping limit: Int) {
    count = 0
    if capacity > limit { resize(limit) }
  }

  private mutating func resize(_ wanted: Int) {
    let larger = UnsafeMutablePointer<JSONTape.Entry>.allocate(capacity: wanted)
    unsafe larger.moveInitialize(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = larger
    capacity = wanted
  }
}
