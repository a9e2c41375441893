/// The files that a message with a row names, and whose they are.
struct FileMention {
  /// Index of the message's row in its batch.
  let row: Int
  let message: RowId
  /// The session by its id here; the target may have it under another one.
  let session: RowId
  let continuationId: [UInt8]
  let place: Place
  let files: MentionedFiles
}
