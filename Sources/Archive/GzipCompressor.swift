internal import CZlib

/// Deflates pieces of data into gzip members, each of which can be inflated without the others.
///
/// Members that follow one another are one gzip file (RFC 1952, section 2.2). Each has the plain header of
/// ten bytes, without name and time, so that the same data gives the same bytes. Holds about 270 KiB, in C
/// memory.
@safe public struct GzipCompressor: ~Copyable, Sendable {
  /// Bytes of every member's header.
  public static let headerBytes = 10

  private static let stepBytes = 64 << 10
  private static let inputStepBytes = 1 << 30

  // On the heap because zlib keeps a pointer back to its z_stream, which must not move with self.
  // Only the one owner of this value ever uses it, so it may go to another thread with it.
  private nonisolated(unsafe) let stream: UnsafeMutablePointer<z_stream>

  /// Prepares for the first member.
  /// - Parameter level: zlib's, 1 (fast) to 9 (small).
  /// - Throws: ``GzipError`` with `outOfMemory`.
  public init(level: Int) throws(GzipError) {
    precondition((1...9).contains(level), "level must be 1…9")
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 is the largest window; 16 more asks for gzip instead of zlib framing.
    guard unsafe convoy_deflate_init(stream, CInt(level), 15 + 16) == Z_OK else {
      unsafe stream.deallocate()
      throw GzipError(reason: .outOfMemory, memberOffset: 0, byteOffset: 0)
    }
    unsafe self.stream = unsafe stream
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Appends one whole member.
  /// - Parameters:
  ///   - bytes: what inflating the member gives; may be empty.
  ///   - output: the member goes behind what is in it.
  public mutating func appendMember(of bytes: Span<UInt8>, to output: inout [UInt8]) {
    unsafe deflateReset(stream)
    output.reserveCapacity(output.count + bytes.count / 2 + Self.stepBytes)
    var consumed = 0
    var isFinished = false
    while !isFinished {
      let rest = bytes.extracting(consumed...)
      let offered = min(rest.count, Self.inputStepBytes)
      let flush = offered == rest.count ? Z_FINISH : Z_NO_FLUSH
      let room = max(Self.stepBytes, output.capacity - output.count)
      output.append(addingCapacity: room) { tail in
        unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
          unsafe rest.withUnsafeBufferPointer { source in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.pointee.avail_in = uInt(offered)
            unsafe stream.pointee.next_out = target.baseAddress
            unsafe stream.pointee.avail_out = uInt(clamping: room)
            // Z_BUF_ERROR, no progress, cannot come: there is always room, and input until the finish.
            isFinished = unsafe CZlib.deflate(stream, flush) == Z_STREAM_END
            consumed += unsafe offered - Int(stream.pointee.avail_in)
            initializedCount = unsafe Int(uInt(clamping: room) - stream.pointee.avail_out)
          }
        }
      }
    }
  }
}
