internal import Archive

/// A member's rows, and the gzip member made of them unless the last archive has the same.
struct PackedMember: Sendable {
  let raw: [UInt8]
  let bounds: RowRenderer.Bounds
  let digest: ContentDigest
  /// Sum of the rows' checksums, see ``ArchivedTable/checksum``.
  let checksum: UInt128
  /// Nil where the last archive's member has the same digest, so that its bytes are taken over.
  let packed: [UInt8]?
  /// Digest of the gzip member; of one that is taken over, what the last archive says of it.
  let packedDigest: ContentDigest?

  /// Hashes and, unless it is the former one again, compresses.
  init(
    _ raw: [UInt8], _ bounds: RowRenderer.Bounds, level: Int, former: ArchivedMember?
  ) throws(GzipError) {
    self.raw = raw
    self.bounds = bounds
    var texts = DigestBatch()
    // All of it beside its lines, which are as long together.
    texts.add(tail: 0..<raw.count)
    checksum = LineChecksum.sum(ofLines: raw.span, &texts)
    digest = texts[0]
    guard former?.rawSHA256 != digest || former?.rawBytes != raw.count else {
      packed = nil
      packedDigest = former?.packedSHA256
      return
    }
    var compressor = try GzipCompressor(level: level)
    var packed: [UInt8] = []
    compressor.appendMember(of: raw.span, to: &packed)
    self.packed = packed
    packedDigest = ContentDigest(of: packed.span)
  }
}

/// A checksum of rows that does not depend on their order.
enum LineChecksum {
  /// The sum, modulo 2^128, of the first 128 bits of each line's SHA-256; the ends of lines do not count.
  ///
  /// `texts` may hold further parts of the bytes, which are hashed beside the lines, and holds the lines behind
  /// them afterwards.
  static func sum(ofLines bytes: Span<UInt8>, _ texts: inout DigestBatch) -> UInt128 {
    let first = texts.count
    forEach(lineOf: bytes) { texts.add(tail: $0) }
    texts.hash(tails: bytes)
    return (first..<texts.count).reduce(UInt128(0)) { $0 &+ texts[$1].high }
  }

  /// Gives the place of each line, without its end.
  static func forEach(lineOf bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
    var start = 0
    while start < bytes.count {
      let end = bytes.firstIndex(of: 0x0A, in: start..<bytes.count) ?? bytes.count
      body(start..<end)
      start = end + 1
    }
  }
}
