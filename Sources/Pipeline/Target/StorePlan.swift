public import ObjectStore

/// Where the bytes of files go, as a pipeline or the environment say; nothing is opened or sent yet.
public struct StorePlan: Sendable, CustomStringConvertible {
  private enum Place: Sendable {
    case directory(String)
    case bucket(address: String, StorageSecret)
  }

  private enum StorageSecret: Sendable {
    case given(StorageKey)
    case command(SecretCommand)
    case none
  }

  /// Name of the bucket, which rows have too.
  public let bucket: String
  /// Uploads at a time.
  public let uploads: Int
  private let place: Place
  private let allowsPublicBucket: Bool

  /// Finds the store of a pipeline.
  ///
  /// - Parameters:
  ///   - spec: section `store`.
  ///   - environment: where `SUPABASE_URL`, `SUPABASE_SERVICE_ROLE_KEY`, `SUPABASE_SECRET_KEY` and what
  ///     names the state directory are looked up.
  /// - Throws: ``RunError`` when there is no place for a directory, or the key cannot be one; its value is
  ///   not repeated.
  public init(_ spec: StoreSpec, environment: [String: String]) throws(RunError) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    bucket = spec.bucket
    uploads = spec.uploads
    allowsPublicBucket = spec.publicBucket == .allow
    let address = spec.url ?? value("SUPABASE_URL")
    switch spec.kind ?? (address == nil || spec.directory != nil ? .directory : .supabase) {
    case .directory:
      if let directory = spec.directory {
        place = .directory(directory)
      } else {
        place = .directory(try StateDirectory(environment: environment).path + "/objects")
      }
    case .supabase:
      guard let address else {
        throw RunError(
          .badPipeline, "store.url: the store is supabase, and its address is not known",
          hint: "set SUPABASE_URL, or store.url in the pipeline")
      }
      // It is shown, and what stands before an @ or behind a ? may be a secret.
      guard !address.contains(where: { "@?#".contains($0) }) else {
        throw RunError(
          .badPipeline, "SUPABASE_URL: more than the address of a project",
          hint: "give https://REF.supabase.co, without user or key")
      }
      place = .bucket(address: address, try Self.secret(spec, value))
    }
  }

  private static func secret(
    _ spec: StoreSpec, _ value: (String) -> String?
  ) throws(RunError) -> StorageSecret {
    for name in ["SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"] {
      guard let text = value(name) else { continue }
      guard let key = StorageKey(text) else {
        throw RunError(
          .failed, "\(name) holds what cannot be a key", hint: "a key has no blanks or line ends")
      }
      return .given(key)
    }
    return spec.keyCommand.map { .command(SecretCommand($0, prints: .key)) } ?? .none
  }

  /// Whether it is a directory of this machine.
  public var isDirectory: Bool {
    if case .directory = place { return true }
    return false
  }

  /// What to call it before a person; never a secret.
  public var description: String {
    switch place {
    case .directory(let path): "directory \(path)"
    case .bucket(let address, _): "bucket \(bucket) of \(address)"
    }
  }

  /// The store, to which nothing has been sent yet.
  ///
  /// - Parameter retry: how failed requests are tried again; nil for what becomes a run of hours.
  /// - Returns: the store; ``ObjectStore/prepare()`` makes or checks its bucket.
  /// - Throws: ``RunError`` when there is no key, or address or name of the bucket cannot be used.
  public func open(retry: StoreRetry? = nil) async throws(RunError) -> any ObjectStore {
    switch place {
    case .directory(let path): return LocalObjectStore(path: path)
    case .bucket(let address, let secret):
      var settings = SupabaseSettings(
        address: address, bucket: bucket, key: try await Self.key(secret))
      settings.allowsPublicBucket = allowsPublicBucket
      settings.connectionLimit = uploads
      if let retry { settings.retry = retry }
      do {
        return try SupabaseStorage(settings)
      } catch {
        throw RunError(store: error)
      }
    }
  }

  private static func key(_ secret: StorageSecret) async throws(RunError) -> StorageKey {
    let missing = RunError(
      .failed, "the store has no key",
      hint: "set SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY, or store.keyCommand")
    switch secret {
    case .given(let key): return key
    case .none: throw missing
    case .command(let command):
      guard let key = StorageKey(try await command.read()) else {
        throw RunError(
          .failed, "what the key command prints cannot be a key",
          hint: "run it by itself; it is store.keyCommand")
      }
      return key
    }
  }
}

extension RunError {
  /// What ends a run, or a check of a store, that met this.
  init(store error: ObjectStoreError) {
    let kind: RunError.Kind =
      switch error.reason {
      case .unreachable, .untrusted, .busy, .paused, .readOnly, .locked, .unexpectedAnswer:
        .unreachable
      case .invalidAddress, .insecureAddress: .badPipeline
      case .file: .fileAccess
      default: .failed
      }
    self.init(kind, error.description, hint: Self.hint(error.reason))
  }

  private static func hint(_ reason: ObjectStoreError.Reason) -> String? {
    switch reason {
    case .unreachable: "check store.url or SUPABASE_URL, and that the server answers"
    case .untrusted: "check the server's certificate, and the clock of this machine"
    case .accessDenied: "use the project's service_role or secret key, not the anon key"
    case .bucketIsPublic: "make the bucket private, or set store.publicBucket: allow"
    case .paused: "restore the project in the Supabase dashboard"
    case .readOnly: "the project's disk or quota is full: make room first"
    case .invalidAddress:
      "store.url is https://REF.supabase.co; store.bucket has at most 100 letters"
    case .insecureAddress: "use https; http is for this machine only"
    case .busy, .locked: "the same command goes on where this one stopped"
    default: nil
    }
  }
}
