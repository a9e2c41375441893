/// The provider names the product knows, in the spelling they are stored with.
enum ProviderName {
  enum Reading: Equatable {
    /// Stored as it is written.
    case asWritten
    /// Stored in this spelling; the written one is kept beside it.
    case respelled([UInt8])
    /// Not a provider.
    case none
  }

  private static let asWritten: [StaticString] = [
    "kimi", "glm", "google", "openai", "anthropic", "azure", "openrouter", "xai", "dial", "custom",
    "moonshot",
  ]
  private static let known = asWritten.map { Array("\($0)".utf8) }
  private static let zai = Array("zai".utf8)
  private static let absent = ["boundary", "unknown"].map { Array($0.utf8) }

  /// Reads the name of a JSON string.
  static func read(_ value: JSONValue, of tape: borrowing JSONTape) -> Reading {
    for name in asWritten where tape.equals(value, name) { return .asWritten }
    return read(tape.decoded(value))
  }

  static func read(_ written: [UInt8]) -> Reading {
    if known.contains(written) { return .asWritten }
    guard written.count <= 16 else { return .asWritten }
    let lower = written.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
    if absent.contains(lower) { return .none }
    if lower == zai { return .respelled(Array("glm".utf8)) }
    return known.contains(lower) ? .respelled(lower) : .asWritten
  }
}
