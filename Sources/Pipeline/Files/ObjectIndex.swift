internal import ObjectStore
internal import Synchronization

/// Which objects a store had when it was first asked about, and those that came by this run; the lock guards both.
///
/// Memory: eight bytes an object, a hash of its key and size. Two objects of one hash, of which one is missing, would
/// hide that; by chance there is one such pair among some 2^32 objects.
final class ObjectIndex: Sendable {
  private struct State {
    /// In order; nil until the store was listed.
    var listed: [UInt64]?
    var added: Set<UInt64> = []
  }

  private let store: any ObjectStore
  private let isThere: Bool
  private let state = Mutex(State())

  /// `isThere` is false of a store that would have to be made first, so that it holds nothing.
  init(_ store: any ObjectStore, isThere: Bool) {
    self.store = store
    self.isThere = isThere
  }

  /// Lists the store, one request for each thousand objects, unless that was done before.
  ///
  /// - Throws: ``RunError``, on a stop signal too.
  func read(_ stop: StopSignal) async throws(RunError) {
    guard state.withLock({ $0.listed == nil }) else { return }
    var found: [UInt64] = []
    do throws(ObjectStoreError) {
      var cursor: String?
      repeat {
        guard isThere else { break }
        let page = try await store.list(prefix: "", after: cursor)
        for object in page.objects { found.append(Self.hash(object.key, object.size)) }
        cursor = page.cursor
      } while cursor != nil && stop.received == nil
    } catch {
      throw RunError(store: error)
    }
    try stop.check()
    found.sort()
    state.withLock { $0.listed = found }
  }

  /// Takes an object that the run has stored.
  func add(_ key: String, size: Int) {
    state.withLock { state in
      // Before the listing it is found by that.
      if state.listed != nil { state.added.insert(Self.hash(key, size)) }
    }
  }

  /// Whether the store has an object of that size under a key.
  func has(_ key: String, size: Int) -> Bool {
    let hash = Self.hash(key, size)
    return state.withLock { state in
      guard !state.added.contains(hash), let listed = state.listed else { return true }
      var (low, high) = (0, listed.count)
      while low < high {
        let middle = (low + high) / 2
        if listed[middle] < hash { low = middle + 1 } else { high = middle }
      }
      return low < listed.count && listed[low] == hash
    }
  }

  private static func hash(_ key: String, _ size: Int) -> UInt64 {
    let bytes = Array(key.utf8)
    return WyHash.hash(bytes.span, 0..<bytes.count, seed: UInt64(size))
  }
}
