internal import CZlib

/// Inflates gzip members that follow one another, as `cat a.gz b.gz` makes them.
///
/// Zero bytes after the last member are padding (tapes and block devices leave them) and ignored.
/// Holds about 40 KiB, in C memory.
@safe public struct GzipDecompressor: ~Copyable, Sendable {
  /// Where in the format the next input byte lies.
  private enum Phase {
    case boundary, magic, member, trailer, padding
  }

  /// Bytes of compressed input taken so far.
  public private(set) var byteOffset = 0
  /// Where the current member began; at a boundary, where the next one would.
  public private(set) var memberOffset = 0
  private var phase = Phase.boundary
  private var failure: GzipError?

  // On the heap because zlib keeps a pointer back to its z_stream, which must not move with self.
  // Only the one owner of this value ever uses it, so it may go to another thread with it.
  private nonisolated(unsafe) let stream: UnsafeMutablePointer<z_stream>

  /// Prepares for the first member.
  /// - Throws: ``GzipError`` with `outOfMemory`.
  public init() throws(GzipError) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 is the largest window; 16 more asks for gzip instead of zlib framing.
    guard unsafe convoy_inflate_init(stream, 15 + 16) == Z_OK else {
      unsafe stream.deallocate()
      throw GzipError(reason: .outOfMemory, memberOffset: 0, byteOffset: 0)
    }
    unsafe self.stream = unsafe stream
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Inflates from `input`; call again with what was not consumed and what follows it.
  /// - Parameters:
  ///   - input: may be empty, to get what zlib still holds of earlier input.
  ///   - output: inflated bytes are appended; those before a damaged place are kept.
  ///   - count: at most this many bytes are appended.
  /// - Returns: how many bytes of `input` are done with. Fewer than all only when `count` bytes
  ///   were appended.
  /// - Throws: ``GzipError``, and the same one again on every later call.
  public mutating func inflate(
    _ input: Span<UInt8>, into output: inout [UInt8], upTo count: Int
  ) throws(GzipError) -> Int {
    if let failure { throw failure }
    let limit = output.count + count
    var consumed = 0
    while output.count < limit {
      var end = input.count
      if phase == .boundary || phase == .magic || phase == .padding {
        guard consumed < input.count else { break }
        try enter(input[consumed])
        // The first bytes go in one by one, so that each is still here to be checked.
        end = consumed + 1
      }
      if phase == .padding {
        consumed = end
        byteOffset += 1
        continue
      }
      let takenBefore = consumed
      let inflatedBefore = output.count
      let phaseBefore = phase
      consumed += try advance(
        input.extracting(consumed..<end), into: &output, upTo: limit - output.count)
      let isStuck =
        consumed == takenBefore && output.count == inflatedBefore && phase == phaseBefore
      if isStuck { break }
    }
    return consumed
  }

  /// Says that the input has ended; call when `inflate` has nothing more to give.
  /// - Throws: ``GzipError`` with `truncated` unless at least one member came, whole.
  public mutating func finish() throws(GzipError) {
    if let failure { throw failure }
    let isWhole = (phase == .boundary && byteOffset > 0) || phase == .padding
    guard isWhole else { throw fail(.truncated) }
  }

  /// Moves on from a place where only certain bytes may come.
  private mutating func enter(_ byte: UInt8) throws(GzipError) {
    switch (phase, byte) {
    case (.boundary, 0x1f): phase = .magic
    case (.magic, 0x8b): phase = .member
    case (.boundary, 0) where memberOffset > 0, (.padding, 0): phase = .padding
    default:
      if phase == .padding { memberOffset = byteOffset }
      throw fail(memberOffset > 0 ? .trailingGarbage : .corrupt)
    }
  }

  /// Calls zlib once and follows it into the next phase.
  /// - Returns: input bytes taken; 0 with no output when it needs more input.
  private mutating func advance(
    _ input: Span<UInt8>, into output: inout [UInt8], upTo count: Int
  ) throws(GzipError) -> Int {
    var taken = 0
    // Z_BLOCK stops at the end of each block: after the last one, only the checksum is left, and
    // that is how a wrong checksum is told from broken data without reading zlib's messages.
    var status = Z_OK
    output.append(addingCapacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        unsafe input.withUnsafeBufferPointer { source in
          let offered = uInt(clamping: source.count)
          let room = uInt(clamping: count)
          unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
          unsafe stream.pointee.avail_in = offered
          unsafe stream.pointee.next_out = target.baseAddress
          unsafe stream.pointee.avail_out = room
          status = unsafe CZlib.inflate(stream, Z_BLOCK)
          taken = unsafe Int(offered - stream.pointee.avail_in)
          initializedCount = unsafe Int(room - stream.pointee.avail_out)
        }
      }
    }
    byteOffset += taken
    switch status {
    case Z_OK, Z_BUF_ERROR:
      let isAfterLastBlock = unsafe stream.pointee.data_type & (128 + 64) == 128 + 64
      if isAfterLastBlock { phase = .trailer }
    case Z_STREAM_END:
      phase = .boundary
      memberOffset = byteOffset
      guard unsafe inflateReset(stream) == Z_OK else { throw fail(.corrupt) }
    case Z_MEM_ERROR: throw fail(.outOfMemory)
    default: throw fail(phase == .trailer ? .checksum : .corrupt)
    }
    return taken
  }

  private mutating func fail(_ reason: GzipError.Reason) -> GzipError {
    let error = GzipError(reason: reason, memberOffset: memberOffset, byteOffset: byteOffset)
    failure = error
    return error
  }
}
