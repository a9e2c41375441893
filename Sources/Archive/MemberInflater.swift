internal import CDeflate

/// Inflates gzip members that are there as a whole and whose inflated sizes are known, by libdeflate.
///
/// zlib inflates streams and archives are written by it; where nothing has to be streamed, libdeflate needs less than
/// half of its time (`convoy-bench export`). Holds about 11 KiB, in C memory.
@safe struct MemberInflater: ~Copyable {
  // Only the one owner of this value ever uses it.
  private let decompressor: OpaquePointer

  /// - Throws: ``GzipError`` with `outOfMemory`.
  init() throws(GzipError) {
    guard let made = unsafe libdeflate_alloc_decompressor() else {
      throw GzipError(reason: .outOfMemory, memberOffset: 0, byteOffset: 0)
    }
    unsafe decompressor = made
  }

  deinit { unsafe libdeflate_free_decompressor(decompressor) }

  /// The bytes of a member.
  /// - Parameters:
  ///   - member: all of it, and nothing behind it.
  ///   - count: how many bytes it inflates to.
  /// - Returns: nil where it does not inflate to so many, its checksum differs, or it is not one whole member.
  mutating func inflated(_ member: Span<UInt8>, count: Int) -> [UInt8]? {
    var isWhole = false
    let bytes = [UInt8](capacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        unsafe member.withUnsafeBytes { source in
          var (taken, made) = (0, 0)
          let outcome = unsafe libdeflate_gzip_decompress_ex(
            decompressor, source.baseAddress, source.count, target.baseAddress, count, &taken, &made
          )
          isWhole = outcome == LIBDEFLATE_SUCCESS && taken == source.count && made == count
          initializedCount = isWhole ? count : 0
        }
      }
    }
    return isWhole ? bytes : nil
  }
}
