/// Compressed bytes of one input on their way into the decompressor.
struct GzipReader: ~Copyable, Sendable {
  private static let stagedBytes = 262_144

  private var decompressor: GzipDecompressor
  private var staged: [UInt8]
  private var consumed = 0

  /// Takes over the first bytes of the input, which were read to recognise it.
  init(head: [UInt8]) throws(GzipError) {
    decompressor = try GzipDecompressor()
    staged = head
  }

  /// Appends inflated bytes to `buffer`.
  /// - Returns: bytes appended; 0 is the end of whole data.
  mutating func read(
    from file: inout InputFile, into buffer: inout [UInt8], upTo count: Int
  ) throws(StreamError) -> Int {
    let start = buffer.count
    while true {
      do throws(GzipError) {
        // A second reference, not a copy: a span of self.staged would keep all of self borrowed.
        let input = staged
        let rest = input.span.extracting(consumed...)
        consumed += try decompressor.inflate(rest, into: &buffer, upTo: count)
        if buffer.count > start { return buffer.count - start }
      } catch {
        // What was inflated before the damage goes out first; the next call throws the same error.
        if buffer.count > start { return buffer.count - start }
        throw .gzip(path: file.path, error)
      }
      staged.removeAll(keepingCapacity: true)
      consumed = 0
      let received: Int
      do throws(FileError) {
        received = try file.read(into: &staged, upTo: Self.stagedBytes)
      } catch { throw .file(error) }
      guard received == 0 else { continue }
      do throws(GzipError) { try decompressor.finish() } catch {
        throw .gzip(path: file.path, error)
      }
      return 0
    }
  }
}
