/// Where in the input a record or a problem stands.
///
/// Offsets and lines count in the decoded stream: after gunzip and after UTF-16 has become UTF-8.
public struct Place: Sendable, Hashable {
  /// Index into the plan's inputs.
  public var input: Int32
  /// 1-based line of the first byte.
  public var line: Int
  /// 0-based offset of the first byte.
  public var byteOffset: Int
  /// Length of the record in bytes, without its line end.
  public var byteLength: Int

  /// Makes a place from its coordinates.
  public init(input: Int32, line: Int, byteOffset: Int, byteLength: Int) {
    self.input = input
    self.line = line
    self.byteOffset = byteOffset
    self.byteLength = byteLength
  }
}
