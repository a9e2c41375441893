/// The embeddings of one session, as the file they become.
///
/// A file has sixteen bytes of head: the eight of ``magic``, how many bytes a number has (4, and 8 where numbers
/// were text), and four zeros. Behind it, for each message in the order of the session: sixteen bytes of its id,
/// the count of its numbers in four, and the numbers. Integers and numbers have their low bytes first; numbers are
/// those of IEEE 754.
struct EmbeddingFile: Sendable {
  /// Where its bytes are.
  enum Content: Sendable {
    case memory([UInt8])
    /// In a file of the run's own, of that many bytes.
    case file(String, size: Int)
  }

  static let magic: [UInt8] = Array("cvyemb\u{1}\n".utf8)
  /// What a file is called.
  static let name = "embeddings.bin"

  /// The session by its id here; the target may have it under another one.
  let session: RowId
  let continuationId: String
  /// Of the first message.
  let place: Place
  let width: Int
  var count = 0
  var content = Content.memory([])

  init(of first: MessageEmbedding) {
    session = first.session
    continuationId = String(decoding: first.continuationId, as: UTF8.self)
    place = first.place
    width = first.values.width
  }

  var size: Int {
    switch content {
    case .memory(let bytes): bytes.count
    case .file(_, let size): size
    }
  }

  func isOf(_ embedding: MessageEmbedding) -> Bool {
    session == embedding.session && width == embedding.values.width
  }

  /// What stands before the first embedding.
  static func head(width: Int) -> [UInt8] {
    var head = magic
    head.append(little: UInt32(width))
    head.append(little: UInt32(0))
    return head
  }
}

extension [UInt8] {
  /// Appends embeddings as a file has them, behind its head.
  mutating func append(_ embeddings: ArraySlice<MessageEmbedding>) {
    reserveCapacity(count + embeddings.reduce(0) { $0 + 20 + $1.values.bytes.count })
    for embedding in embeddings {
      append(contentsOf: embedding.message.bytes)
      append(little: UInt32(truncatingIfNeeded: embedding.values.dimensions))
      append(0..<embedding.values.bytes.count, of: embedding.values.bytes)
    }
  }
}
