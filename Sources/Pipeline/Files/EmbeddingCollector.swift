internal import Archive

/// Puts together the embeddings of the sessions that one worker loads, a file a session.
///
/// Memory: the files of the batches since ``takeFiles()``. One of a session that goes on in a later batch, which is
/// the same worker's, is a file of the run's directory until the session ends.
struct EmbeddingCollector: ~Copyable {
  private struct OpenFile: ~Copyable {
    var file: EmbeddingFile
    var output: OutputFile
  }

  private let directory: String
  private var ended: [EmbeddingFile] = []
  /// Of the session that goes on, by the width of their numbers.
  private var narrow: OpenFile?
  private var wide: OpenFile?

  /// - Parameter directory: is there, and removed by whoever made it.
  init(directory: String) { self.directory = directory }

  /// Takes those of a batch's messages that the target has taken; those of a session follow each other.
  mutating func add(_ batch: borrowing RowBatch, _ receipt: BatchReceipt?) throws(FileError) {
    let going = batch.isContinuedLater ? batch.sessions.rows.last?.id : nil
    var embeddings = batch.embeddings
    if let refused = receipt?.refusedMessages, !refused.isEmpty {
      embeddings.removeAll { refused[$0.row] != nil }
    }
    var start = 0
    while start < embeddings.count {
      let first = EmbeddingFile(of: embeddings[start])
      var end = start + 1
      while end < embeddings.count, first.isOf(embeddings[end]) { end += 1 }
      try add(embeddings[start..<end], first, isGoingOn: first.session == going)
      start = end
    }
    try end(but: going)
  }

  /// The files that are whole, each handed out once.
  mutating func takeFiles() -> [EmbeddingFile] {
    defer { ended = [] }
    return ended
  }

  private mutating func add(
    _ embeddings: ArraySlice<MessageEmbedding>, _ first: EmbeddingFile, isGoingOn: Bool
  ) throws(FileError) {
    var open = first.width == 4 ? narrow.take() : wide.take()
    if let session = open?.file.session, session != first.session {
      try end(open.take())
    }
    var bytes: [UInt8] = open == nil ? EmbeddingFile.head(width: first.width) : []
    bytes.append(embeddings)
    guard isGoingOn || open != nil else {
      var file = first
      file.count = embeddings.count
      file.content = .memory(bytes)
      ended.append(file)
      return
    }
    if open == nil {
      let path = "\(directory)/embeddings-\(first.session.text)-\(first.width)"
      open = OpenFile(file: first, output: try OutputFile(path: path, permissions: 0o600))
    }
    open?.file.count += embeddings.count
    try open?.output.write(bytes.span)
    if first.width == 4 { narrow = open.take() } else { wide = open.take() }
  }

  /// Ends the files of all sessions but that which goes on.
  private mutating func end(but going: RowId?) throws(FileError) {
    if let session = narrow?.file.session, session != going { try end(narrow.take()) }
    if let session = wide?.file.session, session != going { try end(wide.take()) }
  }

  private mutating func end(_ open: consuming OpenFile?) throws(FileError) {
    guard let ending = open.take() else { return }
    var file = ending.file
    file.content = .file(ending.output.path, size: ending.output.bytesWritten)
    try ending.output.finish(isDurable: false)
    ended.append(file)
  }
}
