internal import Archive
internal import Foundation

/// Copies of the parts that were read last, so that several readers of one fetch it once.
actor PartSpool {
  /// Where copies are, without names.
  static var directory: String { URL.temporaryDirectory.path }
  /// Copies that stay for the next reader; those being read stay anyway.
  private static let limit = 4

  private var fetching: [String: Task<PartFile, any Error>] = [:]
  private var newest: [String] = []

  /// Gives a copy, which is fetched where it is not there.
  ///
  /// - Throws: what `fetch` throws.
  func file(
    _ path: String, _ fetch: @escaping @Sendable () async throws -> PartFile
  ) async throws -> PartFile {
    let task = fetching[path] ?? Task { try await fetch() }
    fetching[path] = task
    newest.removeAll { $0 == path }
    newest.append(path)
    while newest.count > Self.limit { fetching[newest.removeFirst()] = nil }
    do {
      return try await task.value
    } catch {
      fetching[path] = nil
      throw error
    }
  }
}
