/// Keys that repeat in an object: found when it is closed, and only looked for when they may be there.
extension TapeBuilder.Frame {
  /// Notes a key of so many bytes.
  @inline(__always)
  mutating func note(_ key: UnsafePointer<UInt8>, _ count: Int, _ flags: JSONTape.Flags) {
    guard !flags.contains(.escaped), count > 0 else {
      mayRepeat = true
      return
    }
    let first = UInt64(unsafe key[0])
    let middle = UInt64(unsafe key[count &>> 1])
    let last = UInt64(unsafe key[count &- 1])
    let mixed =
      UInt64(truncatingIfNeeded: count) &* 0x9E37 ^ first &* 0x85EB ^ middle &* 0xC2B3 ^ last
    let bit = UInt64(1) &<< ((mixed &* 0x9E37_79B9_7F4A_7C15) &>> 58)
    if keyBits & bit != 0 { mayRepeat = true }
    keyBits |= bit
  }
}

extension TapeBuilder {
  func markRepeatedKeys(of object: Int, _ cursor: Cursor, of source: borrowing Span<UInt8>) {
    var keys: [Int] = []
    var isPlain = true
    var index = object + 1
    while index < cursor.count {
      keys.append(index)
      if unsafe cursor.room[index].flags.contains(.escaped) { isPlain = false }
      index = Int(unsafe cursor.room[index + 1].next)
    }
    guard isPlain, keys.count <= 32 else {
      markRepeatedNames(keys, of: object, cursor, of: source)
      return
    }
    for later in keys.indices.dropFirst() {
      for earlier in 0..<later where isSameText(keys[earlier], keys[later], cursor, of: source) {
        shadow(keys[earlier], of: object, cursor)
      }
    }
  }

  /// The general case: escaped keys, or so many that comparing each with each would take too long.
  private func markRepeatedNames(
    _ keys: [Int], of object: Int, _ cursor: Cursor, of source: borrowing Span<UInt8>
  ) {
    var last: [[UInt8]: Int] = [:]
    for key in keys {
      var name: [UInt8] = []
      appendDecoded(unsafe cursor.room[key], of: source, refused: .keep, to: &name)
      if let earlier = last.updateValue(key, forKey: name) { shadow(earlier, of: object, cursor) }
    }
  }

  private func shadow(_ key: Int, of object: Int, _ cursor: Cursor) {
    unsafe cursor.room[key].flags.insert(.shadowed)
    unsafe cursor.room[object].flags.insert(.duplicates)
  }

  private func isSameText(
    _ left: Int, _ right: Int, _ cursor: Cursor, of source: borrowing Span<UInt8>
  ) -> Bool {
    let (a, b) = unsafe (cursor.room[left], cursor.room[right])
    let length = Int(a.end - a.start)
    return length == Int(b.end - b.start)
      && source.matches(Int(a.start)..<Int(a.end), source, at: Int(b.start))
  }
}
