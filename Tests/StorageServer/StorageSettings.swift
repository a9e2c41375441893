/// How a storage server for tests behaves.
public struct StorageSettings: Sendable {
  /// The key it takes.
  ///
  /// One that begins with `sb_` is taken in `apikey` alone, another one is a token.
  public var key = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl"
  /// Whether a gateway is before it, which makes a token of a key that begins with `sb_`.
  public var hasGateway = true
  /// Largest object of the project.
  public var projectLimitBytes = 52_428_800
  /// Whether refusals are sent before the body is read, and the connection ends.
  public var refusesEarly = false
  /// Whether a plain upload without a body is refused.
  public var refusesEmptyBodies = false
  /// Of a chunk that breaks off, only multiples of so many bytes are kept.
  public var keptPartBytes = 1
  /// Whether every answer to `GET` leaves `Range` out of account.
  public var ignoresRanges = false

  /// A hosted project with the limits of the smallest plan.
  public init() {}
}
