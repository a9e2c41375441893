/// What became of one tool in a comparison.
enum PeerOutcome {
  case notInstalled, skipped
  /// It ended with a failure, in the words of the last lines it wrote.
  case failed(String)
  /// It ended well and left other rows than it was given.
  case wrongRows(expected: TableContents, found: TableContents)
  /// One run a round, each of which left the right rows.
  case loaded([PeerRun])
}

/// One measured load whose rows were right.
struct PeerRun: Encodable {
  let round: Int
  let wallSeconds: Double
  let clientCPUSeconds: Double
  /// Nil when the server's processes cannot be seen.
  let serverCPUSeconds: Double?
  /// Nil when the client was smaller than this program, which hides its size.
  let clientPeakBytes: Int?
}
