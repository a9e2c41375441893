internal import Archive
internal import Synchronization

/// The embeddings of each session on their way to the store, in a file a session; the lock guards all of it.
///
/// A file has sixteen bytes of head: the eight of ``magic``, how many bytes a number has (4, and 8 where numbers
/// were text), and four zeros. Behind it, for each message in the order of the session: sixteen bytes of its id,
/// the count of its numbers in four, and the numbers. Integers and numbers have their low bytes first; numbers are
/// those of IEEE 754.
///
/// Memory: some 200 bytes a session.
final class EmbeddingSpool: Sendable {
  static let magic: [UInt8] = Array("cvyemb\u{1}\n".utf8)
  /// What a file is called.
  static let name = "embeddings.bin"

  /// The embeddings of one session.
  struct File: Sendable {
    let path: RawPath
    let session: RowId
    let continuationId: String
    /// Of the first message.
    let place: Place
    let width: Int
    let count: Int
  }

  private struct Key: Hashable {
    let session: RowId
    let width: Int
  }

  private struct Entry {
    var continuationId: String
    var place: Place
    /// Files that make the whole one behind each other; the first begins with the head.
    var pieces: [String]
    var count: Int
  }

  private let directory: String
  private let entries = Mutex<[Key: Entry]>([:])

  /// - Parameter directory: is there, and removed by whoever made it.
  init(directory: String) { self.directory = directory }

  /// Takes embeddings of messages that the target has taken; those of a session follow each other.
  func add(_ embeddings: [MessageEmbedding]) throws(FileError) {
    var start = 0
    while start < embeddings.count {
      let first = embeddings[start]
      var end = start + 1
      while end < embeddings.count, embeddings[end].session == first.session,
        embeddings[end].values.width == first.values.width
      {
        end += 1
      }
      try write(embeddings[start..<end])
      start = end
    }
  }

  private func write(_ embeddings: ArraySlice<MessageEmbedding>) throws(FileError) {
    guard let first = embeddings.first else { return }
    let key = Key(session: first.session, width: first.values.width)
    let (path, isFirst) = reserve(key, first, count: embeddings.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      16 + embeddings.reduce(0) { $0 + 20 + $1.values.bytes.count })
    if isFirst {
      bytes += Self.magic
      bytes.append(little: UInt32(key.width))
      bytes.append(little: UInt32(0))
    }
    for embedding in embeddings {
      bytes += embedding.message.bytes
      bytes.append(little: UInt32(truncatingIfNeeded: embedding.values.dimensions))
      bytes.append(0..<embedding.values.bytes.count, of: embedding.values.bytes)
    }
    var file = try OutputFile(path: path, permissions: 0o600)
    try file.write(bytes.span)
    try file.finish(isDurable: false)
  }

  /// The path of the next piece of a session's file, and whether it is the first.
  private func reserve(
    _ key: Key, _ first: MessageEmbedding, count: Int
  ) -> (path: String, isFirst: Bool) {
    entries.withLock { entries in
      var entry =
        entries[key]
        ?? Entry(
          continuationId: String(decoding: first.continuationId, as: UTF8.self),
          place: first.place, pieces: [], count: 0)
      let number = entry.pieces.count
      let path = "\(directory)/embeddings-\(key.session.text)-\(key.width)-\(number)"
      entry.pieces.append(path)
      entry.count += count
      entries[key] = entry
      return (path, number == 0)
    }
  }

  /// The files, each in one piece now, in a fixed order.
  func files() throws(FileError) -> [File] {
    var files: [File] = []
    for (key, entry) in entries.withLock({ $0 }) {
      guard let path = entry.pieces.first else { continue }
      if entry.pieces.count > 1 { try join(entry.pieces) }
      files.append(
        File(
          path: RawPath(path), session: key.session, continuationId: entry.continuationId,
          place: entry.place, width: key.width, count: entry.count))
      entries.withLock { $0[key]?.pieces = [path] }
    }
    files.sort { left, right in
      (left.session.high, left.session.low, left.width)
        < (right.session.high, right.session.low, right.width)
    }
    return files
  }

  /// Puts the pieces of a file behind each other, in place of the first.
  private func join(_ pieces: [String]) throws(FileError) {
    var file = try OutputFile(path: pieces[0], permissions: 0o600)
    var buffer: [UInt8] = []
    for piece in pieces {
      var input = try InputFile(path: piece)
      buffer.removeAll(keepingCapacity: true)
      while try input.read(into: &buffer, upTo: 1 << 20) > 0 {
        try file.write(buffer.span)
        buffer.removeAll(keepingCapacity: true)
      }
    }
    try file.finish(isDurable: false)
  }
}
