/// A part that hands out a conversation a slice at a time: of a dump, or of the legacy table.
protocol SlicedPart: Sendable {
  /// Goes back to the first message of the long conversation that was handed out last.
  func rewind() throws(RunError)

  /// The next messages of the long conversation that was handed out last; nil behind the last one.
  func nextSlice(messageLimit: Int) throws(RunError) -> InputSegment?
}

/// Fetches the messages of a conversation whose record has none, some at a time and as often as they are needed.
struct ConversationSlices: Sendable {
  let part: any SlicedPart
  /// All of them.
  let messageCount: Int
  /// Bytes of each input that they are made of, and the record is not.
  var rowBytes: [Int32: Int]

  /// Goes back to the first message.
  func rewind() throws(RunError) { try part.rewind() }

  /// The next messages, as a segment with one record, an object whose only member is their list; nil behind the
  /// last one.
  ///
  /// - Throws: ``RunError`` when rows cannot be read back, and when the run is to stop.
  func next(messageLimit: Int) throws(RunError) -> InputSegment? {
    try part.nextSlice(messageLimit: messageLimit)
  }
}
