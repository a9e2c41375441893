extension TapeBuilder {
  /// A container that is still open.
  struct Frame {
    var entry = 0
    var isObject = false
    /// One bit a key, from its length and ends; only when a bit repeats are keys compared.
    var keyBits: UInt64 = 0
    var mayRepeat = false
    /// Whether it is an array whose elements are taken off the tape once they have passed.
    var isSliced = false
  }

  /// Where the tape is written, kept out of the object while it is: each look there would be checked.
  @safe
  struct Cursor {
    /// The entries' memory, with room for all that is to come.
    let room: UnsafeMutablePointer<Entry>
    var count: Int
    /// The innermost open container, apart from those around it: every value looks at it.
    var frame: Frame
    /// How many containers are open.
    var depth: Int
    /// Those around ``frame``.
    var outer: [Frame] = []

    /// Appends an entry and tells its container what it inherits.
    @inline(__always)
    mutating func append(_ kind: JSONTape.Kind, _ flags: Flags, _ start: Int, _ end: Int) {
      let entry = Entry(
        kind: kind, flags: flags, start: UInt32(truncatingIfNeeded: start),
        end: UInt32(truncatingIfNeeded: end), next: UInt32(truncatingIfNeeded: count + 1))
      unsafe (room + count).initialize(to: entry)
      count += 1
      if !flags.isDisjoint(with: .unfit) { inherit(flags) }
    }

    func inherit(_ flags: Flags) {
      guard depth > 0 else { return }
      unsafe room[frame.entry].flags.formUnion(flags.intersection(.unfit))
    }
  }
}
