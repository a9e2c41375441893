internal import Archive
internal import Foundation
internal import ObjectStore

/// Removes the archives of a bucket that no rule keeps, and objects that no archive needs.
///
/// Nobody can lock a bucket, and a run elsewhere may be about to refer to objects of the newest archive: that of each
/// pipeline always stays.
public struct BucketRemoval: Sendable {
  /// After so long, what has no manifest is of a run that was killed.
  private static let graceSeconds = 2.0 * 86_400

  private let bucket: ArchiveBucket
  private let retention: Retention
  private let now: Date

  /// Prepares to remove.
  public init(_ bucket: ArchiveBucket, _ retention: Retention) {
    self.init(bucket, retention, now: .now)
  }

  /// Prepares to remove at another time.
  init(_ bucket: ArchiveBucket, _ retention: Retention, now: Date) {
    self.bucket = bucket
    self.retention = retention
    self.now = now
  }

  /// Removes, the oldest first.
  ///
  /// - Parameters:
  ///   - pipeline: only this one's archives; nil for all.
  ///   - isDryRun: whether nothing is removed.
  ///   - warn: told why objects that may not be needed stay.
  /// - Returns: names of the archives that were, or would be, removed.
  /// - Throws: ``RunError``.
  public func run(
    pipeline: String? = nil, isDryRun: Bool, _ warn: (String) -> Void
  ) async throws -> [String] {
    let history = try await bucket.history()
    let newest = Dictionary(grouping: history.archives, by: \.manifest.pipeline)
      .compactMap(\.value.last?.name)
    let removable = history.removable(retention, pipeline: pipeline).map(\.name)
      .filter { !newest.contains($0) }
    guard !isDryRun else { return removable }
    do throws(ObjectStoreError) {
      // Without its manifest it is no archive: from here on nobody takes a half-removed one for a whole.
      for name in removable {
        _ = try await bucket.store.remove([try bucket.key(ArchiveManifest.fileName, in: name)])
      }
    } catch { throw RunError(store: error) }
    guard history.problems.isEmpty else {
      for problem in history.problems { warn("no part was removed: \(problem)") }
      return removable
    }
    let kept = history.archives.filter { !removable.contains($0.name) }
    var needed = Set(kept.flatMap { $0.manifest.tables.flatMap(\.parts).compactMap(\.reference) })
    for archive in kept {
      do {
        needed.formUnion(try await archive.objects().compactMap(\.reference))
      } catch let error as RunError where error.kind == .overBudget {
        warn("no part was removed: \(error)")
        return removable
      }
    }
    try await sweep(needed, removed: Set(removable))
    return removable
  }

  /// Removes what no manifest names, of archives that went and of runs that were killed long ago.
  private func sweep(_ needed: Set<String>, removed: Set<String>) async throws(RunError) {
    let latest = ExportRun.name(of: now.addingTimeInterval(-Self.graceSeconds))
    let nights = try await bucket.nights()
    do throws(ObjectStoreError) {
      var keys: [ObjectKey] = []
      for (name, files) in nights {
        guard files[ArchiveManifest.fileName] == nil, removed.contains(name) || name < latest
        else { continue }
        for file in files.keys where !needed.contains("\(name)/\(file)") {
          keys.append(try bucket.key(file, in: name))
        }
      }
      _ = try await bucket.store.remove(keys)
    } catch { throw RunError(store: error) }
  }
}
