/// Gathers one page of the keys below a directory, in byte order.
struct LocalListing {
  private static let limit = 1000
  private let prefix: String
  private let cursor: String?
  private var objects: [ObjectInfo] = []
  private var isFull = false

  init(prefix: String, after cursor: String?) {
    self.prefix = prefix
    self.cursor = cursor
  }

  var page: ObjectPage {
    ObjectPage(objects: objects, cursor: isFull ? objects.last?.key : nil)
  }

  /// Names with their slashes sort as the keys below them do, so a directory's keys come out in order.
  mutating func walk(
    _ directory: borrowing StoreDirectory, path: String
  ) throws(ObjectStoreError) {
    for name in try directory.entries() where !isFull {
      let key = path + name
      if name.hasSuffix("/") {
        guard mayHold(key), let child = try directory.directory(name.dropLast()) else { continue }
        try walk(child, path: key)
      } else if key.hasPrefix(prefix), isBehindCursor(key) {
        guard objects.count < Self.limit else {
          isFull = true
          return
        }
        // Removed since the directory was read.
        guard let file = try directory.file(name) else { continue }
        objects.append(
          ObjectInfo(key: key, size: try file.identity().size, digest: nil, mediaType: nil))
      }
    }
  }

  private func isBehindCursor(_ key: String) -> Bool {
    guard let cursor else { return true }
    return cursor.utf8.lexicographicallyPrecedes(key.utf8)
  }

  /// Whether keys that begin with a directory's path can be on the page.
  private func mayHold(_ path: String) -> Bool {
    guard path.hasPrefix(prefix) || prefix.hasPrefix(path) else { return false }
    guard let cursor else { return true }
    return cursor.hasPrefix(path) || isBehindCursor(path)
  }
}
