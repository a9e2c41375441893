/// Which bucket of which project, and how it may be used.
public struct SupabaseSettings: Sendable {
  /// Address of the project, as `https://REF.supabase.co`, or of its Storage, as …`/storage/v1`.
  public var address: String
  /// Name of the bucket.
  public var bucket: String
  /// The project's secret.
  public var key: StorageKey
  /// Which headers carry the secret.
  public var keyHeaders = StorageKey.Headers.auto
  /// Whether a bucket that everybody can read is taken.
  public var allowsPublicBucket = false
  /// Whether a bucket that is missing is made, private and with ``bucketLimitBytes``.
  public var makesBucket = true
  /// Largest object of a bucket that is made: 50 MiB, which the smallest plan allows.
  public var bucketLimitBytes = 52_428_800
  /// Whether the secret may go over `http` to another machine than this one.
  public var allowsInsecureAddress = false
  /// Connections at a time; more requests wait for one.
  public var connectionLimit = 4
  /// How long an exchange may make no progress before it counts as broken.
  public var silenceSeconds = 60.0
  /// How failed requests are tried again.
  public var retry = StoreRetry()

  /// Names a bucket; everything else is as it should be for a hosted project.
  ///
  /// - Parameters:
  ///   - address: address of the project or its Storage.
  ///   - bucket: name of the bucket.
  ///   - key: the project's secret.
  public init(address: String, bucket: String, key: StorageKey) {
    self.address = address
    self.bucket = bucket
    self.key = key
  }
}
