internal import Archive
internal import Foundation

/// The arguments of this process as bytes: a `String` cannot hold those that are not UTF-8.
struct RawArguments {
  private var rest: ArraySlice<[UInt8]>

  /// Those of this process; none where the system does not tell them.
  static func current() -> RawArguments {
    let whole = FileManager.default.contents(atPath: "/proc/self/cmdline") ?? Data()
    return RawArguments(whole.split(separator: 0, omittingEmptySubsequences: false).map(Array.init))
  }

  init(_ arguments: [[UInt8]]) { rest = arguments[...] }

  /// The path that an argument meant before it was made text, in which U+FFFD stands for what did not fit.
  ///
  /// To be asked in the order of the arguments: two of them can have become the same text.
  mutating func path(_ text: String) -> RawPath {
    guard text.unicodeScalars.contains("\u{FFFD}"),
      let index = rest.firstIndex(where: { String(decoding: $0, as: UTF8.self) == text })
    else { return RawPath(text) }
    defer { rest = rest[(index + 1)...] }
    return RawPath(rest[index])
  }
}
