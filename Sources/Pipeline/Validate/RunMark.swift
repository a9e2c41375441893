internal import Postgres

/// What a record leaves behind for the rules that only the whole run can judge: 48 bytes, and no text.
struct RunMark: Equatable, Sendable {
  enum Kind: UInt32, Sendable {
    /// A session under its key; ``other`` is its parent's key, or 0.
    case session
    /// A session under its parent's key; ``other`` is its own key.
    case child
    /// A text under its digest; ``other`` is the message's position.
    case text
    /// A message under its id; ``other`` is its position.
    case message
  }

  let kind: Kind
  /// What marks of the same thing have in common.
  let key: UInt64
  /// The session, or message, by its folded id.
  let owner: UInt64
  let other: UInt64
  let place: Place

  /// In the order of the inputs, marks of one key and kind together.
  func isBefore(_ next: RunMark) -> Bool {
    (key, kind.rawValue, place.input, UInt64(place.byteOffset), other)
      < (next.key, next.kind.rawValue, next.place.input, UInt64(next.place.byteOffset), next.other)
  }
}

extension RowId {
  /// 64 bits that hang on all of it: its one half is the time's, the other the key's.
  var folded: UInt64 { low ^ high &* 0x9E37_79B9_7F4A_7C15 }
}

extension RunMark {
  static let byteCount = 48

  /// Appends the mark in a form of fixed length.
  func append(to out: inout [UInt8]) {
    out.append(addingCapacity: Self.byteCount) { tail in
      tail.append(bigEndian: key)
      tail.append(bigEndian: owner)
      tail.append(bigEndian: other)
      tail.append(bigEndian: UInt64(place.byteOffset))
      tail.append(bigEndian: UInt32(clamping: place.line))
      tail.append(bigEndian: UInt32(clamping: place.byteLength))
      tail.append(bigEndian: UInt32(bitPattern: place.input))
      tail.append(bigEndian: kind.rawValue)
    }
  }

  /// Reads what ``append(to:)`` wrote at an offset.
  init?(_ bytes: borrowing Span<UInt8>, at start: Int) {
    func number(_ index: Int, _ bytes: borrowing Span<UInt8>) -> UInt64 {
      bytes.word(at: start + index * 8).bigEndian
    }
    let last = number(5, bytes)
    guard let kind = Kind(rawValue: UInt32(truncatingIfNeeded: last)) else { return nil }
    let extent = number(4, bytes)
    self.kind = kind
    key = number(0, bytes)
    owner = number(1, bytes)
    other = number(2, bytes)
    place = Place(
      input: Int32(bitPattern: UInt32(truncatingIfNeeded: last >> 32)), line: Int(extent >> 32),
      byteOffset: Int(number(3, bytes)), byteLength: Int(extent & 0xFFFF_FFFF))
  }
}
