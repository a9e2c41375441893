public import ObjectStore

/// Compares the rows of `files` with the objects of a bucket, both ways.
public struct FilesVerification: Sendable {
  /// What a comparison found.
  public struct Outcome: Sendable {
    /// Rows of the bucket.
    public internal(set) var rows = 0
    /// Objects in it.
    public internal(set) var objects = 0
    /// Their bytes, as they are listed.
    public internal(set) var bytes = 0
    /// Objects that were read and hashed.
    public internal(set) var objectsRead = 0
    /// Their bytes.
    public internal(set) var bytesRead = 0
    /// Rows without a digest, whose objects' content nobody can judge.
    public internal(set) var rowsWithoutDigest = 0
    /// What is wrong, in the order of the paths.
    public var problems: [StoredFileProblem] = []
  }

  private static let readsAtATime = 4

  private let store: any ObjectStore
  private let bucket: String
  private let target: TargetChoice
  private let share: ReadShare
  private let stop: StopSignal
  private let progress: Progress

  /// Prepares to compare.
  ///
  /// - Parameters:
  ///   - store: holds the objects.
  ///   - bucket: which rows are about them.
  ///   - target: holds the rows.
  ///   - share: which of the objects are read.
  ///   - progress: told of each object.
  ///   - stop: ends it.
  public init(
    _ store: any ObjectStore, bucket: String, target: TargetChoice, reading share: ReadShare,
    progress: Progress, stop: StopSignal
  ) {
    self.store = store
    self.bucket = bucket
    self.target = target
    self.share = share
    self.progress = progress
    self.stop = stop
  }

  /// Compares all of it.
  ///
  /// Memory: a page of each side, and some 300 bytes for each problem. What a run stores meanwhile can show
  /// as objects without rows.
  /// - Returns: what was found.
  /// - Throws: ``RunError`` or `PostgresError` when one of the sides cannot be read.
  public func run() async throws -> Outcome {
    do {
      return try await compare()
    } catch let error as ObjectStoreError {
      throw RunError(store: error)
    }
  }

  private func compare() async throws -> Outcome {
    let target = try await target.connectionTarget(startingLocal: true)
    var outcome = Outcome()
    // Rows as they are before the listing: of each of them the object was there first.
    var rows = try StoredFileRows(target, bucket: bucket)
    var row = try rows.next()
    var objects = ObjectListing(store)
    var object = try await objects.next()
    var chosen: [(row: StoredFileRow, object: ObjectInfo)] = []
    while row != nil || object != nil {
      try stop.check()
      switch Self.order(row, object) {
      case .rowFirst(let alone):
        outcome.note(alone)
        outcome.problems.append(
          StoredFileProblem(
            Self.hasKey(alone) ? .objectMissing : .pathInvalid, row: alone, object: nil))
        row = try rows.next()
      case .objectFirst(let alone):
        outcome.note(alone)
        outcome.problems.append(StoredFileProblem(.rowMissing, row: nil, object: alone))
        object = try await objects.next()
      case .both(let pair):
        outcome.note(pair.row)
        outcome.note(pair.object)
        if let size = pair.row.byteCount, size != pair.object.size {
          outcome.problems.append(
            StoredFileProblem(.sizeDiffers, row: pair.row, object: pair.object))
        } else if share.includes(pair.row.path) {
          chosen.append(pair)
        }
        row = try rows.next()
        object = try await objects.next()
      }
      if chosen.count >= 64 { try await read(&chosen, into: &outcome) }
    }
    try await read(&chosen, into: &outcome)
    outcome.problems.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    return outcome
  }

  private enum Order {
    case rowFirst(StoredFileRow)
    case objectFirst(ObjectInfo)
    case both((row: StoredFileRow, object: ObjectInfo))
  }

  private static func order(_ row: StoredFileRow?, _ object: ObjectInfo?) -> Order {
    switch (row, object) {
    case (let row?, let object?) where row.path == object.key: .both((row, object))
    case (let row?, let object?):
      row.path.utf8.lexicographicallyPrecedes(object.key.utf8)
        ? .rowFirst(row) : .objectFirst(object)
    case (let row?, nil): .rowFirst(row)
    case (nil, let object?): .objectFirst(object)
    case (nil, nil): preconditionFailure("neither a row nor an object is left")
    }
  }

  private static func hasKey(_ row: StoredFileRow) -> Bool {
    // Why it is none is said by the problem's kind.
    (try? ObjectKey(row.path)) != nil
  }

  /// Reads what was chosen, some at a time.
  private func read(
    _ chosen: inout [(row: StoredFileRow, object: ObjectInfo)], into outcome: inout Outcome
  ) async throws {
    let pairs = chosen
    chosen.removeAll(keepingCapacity: true)
    let (store, stop, progress) = (store, stop, progress)
    try await withThrowingTaskGroup(of: (pair: Int, isSound: Bool).self) { group in
      for next in 0..<pairs.count + Self.readsAtATime {
        if next >= Self.readsAtATime, let read = try await group.next() {
          outcome.note(pairs[read.pair], isSound: read.isSound)
        }
        guard next < pairs.count else { continue }
        let row = pairs[next].row
        group.addTask {
          try stop.check()
          let isSound = try await Self.isSound(row, in: store)
          progress.add(bytes: row.byteCount ?? 0, rows: 1, rejects: 0)
          return (next, isSound)
        }
      }
    }
  }

  /// Whether the stored bytes are those the row tells of; of a row that tells of none, those that were stored.
  private static func isSound(_ row: StoredFileRow, in store: any ObjectStore) async throws -> Bool
  {
    do throws(ObjectStoreError) {
      _ = try await store.read(ObjectKey(row.path), expecting: row.digest) { _ in }
      return true
    } catch {
      switch error.reason {
      case .damaged, .objectMissing: return false
      default: throw error
      }
    }
  }
}

extension FilesVerification.Outcome {
  fileprivate mutating func note(_ row: StoredFileRow) {
    rows += 1
    if row.digest == nil { rowsWithoutDigest += 1 }
  }

  fileprivate mutating func note(_ object: ObjectInfo) {
    objects += 1
    bytes += object.size
  }

  fileprivate mutating func note(
    _ pair: (row: StoredFileRow, object: ObjectInfo), isSound: Bool
  ) {
    objectsRead += 1
    bytesRead += pair.object.size
    guard !isSound else { return }
    problems.append(StoredFileProblem(.contentDiffers, row: pair.row, object: pair.object))
  }
}
