/// A path as the system has it: bytes, which need not be UTF-8.
///
/// Where a `String` would lose a name's bytes, or take one of two names for the other because it compares
/// characters, this does not.
public struct RawPath: Hashable, Sendable {
  /// The bytes, without a final NUL.
  public let bytes: [UInt8]

  /// Makes a path of bytes; ones with a NUL among them name no file, and opening them fails.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Makes a path of text.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// The path as text; nil where it is not UTF-8.
  public var validText: String? { String(validating: bytes, as: UTF8.self) }

  /// The path for people: bytes that are no UTF-8 are written `\xNN`, as is all else of such a path that is
  /// not printable ASCII.
  public var text: String { validText ?? escapedName(bytes) }

  /// The last component, without slashes; empty for a root.
  public var lastComponent: ArraySlice<UInt8> {
    let end = (bytes.lastIndex { $0 != UInt8(ascii: "/") } ?? -1) + 1
    let name = bytes[..<end]
    return name[((name.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
  }

  /// Byte order, which is the same on every machine.
  public func precedes(_ other: RawPath) -> Bool { bytes.lexicographicallyPrecedes(other.bytes) }

  /// The bytes with a NUL behind them, for the system; there must be none among them.
  var cString: [CChar] {
    var name: [CChar] = []
    name.reserveCapacity(bytes.count + 1)
    for byte in bytes { name.append(CChar(bitPattern: byte)) }
    name.append(0)
    return name
  }
}
