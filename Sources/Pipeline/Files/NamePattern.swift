/// A name with wildcards: `*` stands for any bytes, `?` for one character.
struct NamePattern: Sendable, Hashable {
  private let text: [UInt8]
  private let ignoresCase: Bool

  init(_ text: some Collection<UInt8>, ignoringCase: Bool = false) {
    self.text = ignoringCase ? text.map(Self.lowered) : Array(text)
    ignoresCase = ignoringCase
  }

  func matches(_ name: ArraySlice<UInt8>) -> Bool {
    let name = ignoresCase ? name.map(Self.lowered)[...] : name
    var (at, place) = (name.startIndex, 0)
    // Where the last star stands, and up to where it has been taken to reach.
    var star: (place: Int, at: Int)?
    while at < name.endIndex {
      if place < text.count, text[place] == UInt8(ascii: "*") {
        star = (place, at)
        place += 1
      } else if place < text.count, text[place] == UInt8(ascii: "?") {
        at = Self.endOfCharacter(name, at)
        place += 1
      } else if place < text.count, text[place] == name[at] {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.place, last.at + 1)
        (place, at) = (last.place + 1, last.at + 1)
      } else {
        return false
      }
    }
    return text[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  private static func endOfCharacter(_ name: ArraySlice<UInt8>, _ at: Int) -> Int {
    var end = at + 1
    while end < name.endIndex, name[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
