internal import ObjectStore

/// All objects of a store in the byte order of their keys; a page in memory.
struct ObjectListing {
  private let store: any ObjectStore
  private var objects: ArraySlice<ObjectInfo> = []
  private var cursor: String?
  private var isExhausted = false
  private var last = ""

  init(_ store: any ObjectStore) { self.store = store }

  /// - Throws: `ObjectStoreError`; ``RunError`` for a listing in another order, which cannot be compared with
  ///   rows.
  mutating func next() async throws -> ObjectInfo? {
    while objects.isEmpty, !isExhausted {
      let page = try await store.list(prefix: "", after: cursor)
      objects = page.objects[...]
      cursor = page.cursor
      isExhausted = cursor == nil
    }
    guard let next = objects.popFirst() else { return nil }
    guard last.utf8.lexicographicallyPrecedes(next.key.utf8) else {
      throw RunError(.failed, "\(store.place): lists \(next.key) behind \(last)")
    }
    last = next.key
    return next
  }
}
