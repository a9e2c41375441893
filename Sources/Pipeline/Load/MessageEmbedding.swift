/// The embedding of a message of a batch, on its way to its session's file.
struct MessageEmbedding {
  /// Index of the message's row in the batch.
  let row: Int
  let message: RowId
  /// The session by its id here; the target may have it under another one.
  let session: RowId
  let continuationId: [UInt8]
  let place: Place
  let values: EmbeddingValues
}
