/// Keys that repeat in an object: found when it is closed, and only looked for when they may be there.
extension JSONTape {
  mutating func noteKey(of source: borrowing Span<UInt8>) {
    let key = entries[entries.count - 1]
    guard !key.flags.contains(.escaped), key.end > key.start else {
      frame.mayRepeat = true
      return
    }
    let first = UInt64(source[Int(key.start)])
    let middle = UInt64(source[Int((key.start + key.end) / 2)])
    let last = UInt64(source[Int(key.end) - 1])
    let mixed = (UInt64(key.end - key.start) &* 0x9E37 ^ first &* 0x85EB ^ middle &* 0xC2B3 ^ last)
    let bit = UInt64(1) << ((mixed &* 0x9E37_79B9_7F4A_7C15) >> 58)
    if frame.keyBits & bit != 0 { frame.mayRepeat = true }
    frame.keyBits |= bit
  }

  mutating func markRepeatedKeys(of object: Int) {
    var keys: [Int] = []
    var isPlain = true
    var index = object + 1
    while index < Int(entries[object].next) {
      keys.append(index)
      if entries[index].flags.contains(.escaped) { isPlain = false }
      index = Int(entries[index + 1].next)
    }
    guard isPlain, keys.count <= 32 else {
      markRepeatedNames(keys, of: object)
      return
    }
    for later in keys.indices.dropFirst() {
      for earlier in 0..<later where isSameText(keys[earlier], keys[later]) {
        shadow(keys[earlier], of: object)
      }
    }
  }

  /// The general case: escaped keys, or so many that comparing each with each would take too long.
  mutating func markRepeatedNames(_ keys: [Int], of object: Int) {
    var last: [[UInt8]: Int] = [:]
    for key in keys {
      if let earlier = last.updateValue(key, forKey: decoded(JSONValue(index: key))) {
        shadow(earlier, of: object)
      }
    }
  }

  mutating func shadow(_ key: Int, of object: Int) {
    entries[key].flags.insert(.shadowed)
    entries[object].flags.insert(.duplicates)
  }

  func isSameText(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (entries[left], entries[right])
    let length = Int(a.end - a.start)
    guard length == Int(b.end - b.start) else { return false }
    for offset in 0..<length where bytes[Int(a.start) + offset] != bytes[Int(b.start) + offset] {
      return false
    }
    return true
  }
}
