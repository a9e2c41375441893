internal import Archive

/// A stretch of an input that rows were made of, and the digest that tells whether it is still the same.
struct InputPiece: Sendable, Equatable {
  /// Full path of the input.
  let path: String
  /// Where it begins, counted as ``InputSegment/byteOffset`` is.
  let byteOffset: Int
  let byteLength: Int
  let digest: UInt64
}

extension PlannedInput {
  /// Whether the ends that ``fingerprint`` is made of leave out a middle.
  var hasMiddle: Bool { size.map { $0 > 2 * InputFingerprint.endBytes } ?? false }
}

extension SourceBatch {
  /// What to remember of it beside its inputs' fingerprints: nothing of inputs these know to the byte.
  func pieces(of inputs: [PlannedInput]) -> [InputPiece] {
    segments.compactMap { segment in
      let input = inputs[Int(segment.input)]
      guard input.hasMiddle, let digest = segment.digest else { return nil }
      return InputPiece(
        path: input.identity, byteOffset: segment.byteOffset, byteLength: segment.bytes.count,
        digest: digest)
    }
  }
}
