internal import ObjectStore

extension RunError {
  /// Says what a store failed at, and what to do where that is known.
  init(store error: ObjectStoreError) {
    let (kind, hint): (Kind, String?) =
      switch error.reason {
      case .unreachable, .busy, .paused, .readOnly, .locked, .untrusted: (.unreachable, nil)
      case .accessDenied:
        (
          .unreachable,
          "the key must be the project's service_role token or a secret key (sb_secret_…)"
        )
      case .bucketMissing: (.failed, "convoy run of a files pipeline makes the bucket")
      case .file, .sourceChanged: (.fileAccess, nil)
      case .invalidKey, .invalidAddress, .insecureAddress, .bucketIsPublic, .tooLarge,
        .mediaTypeRefused, .refused, .objectMissing, .unexpectedAnswer, .uploadExpired, .cancelled,
        .damaged,
        .differs:
        (.failed, nil)
      }
    self.init(kind, error.description, hint: hint)
  }
}
