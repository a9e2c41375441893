/// The files that a row of a batch names, and whose they are.
struct FileMention {
  /// Whose row it is, with its index among the batch's of its table.
  enum Owner {
    case session(row: Int)
    case message(row: Int, id: RowId)
  }

  private(set) var owner: Owner
  /// The session by its id here; the target may have it under another one.
  let session: RowId
  let continuationId: [UInt8]
  let place: Place
  let files: MentionedFiles

  /// The message that names them; nil of those that the session does.
  var message: RowId? {
    switch owner {
    case .session: nil
    case .message(_, let id): id
    }
  }

  /// The same of the row that stands for the message, where that is another source's.
  func led(by copies: CopyNotes) -> FileMention {
    guard case .message(let row, let id) = owner, let kept = copies.rows[id] else { return self }
    var mention = self
    mention.owner = .message(row: row, id: kept)
    return mention
  }
}

extension BatchReceipt {
  /// Whether the target refused the row that names files.
  func refused(_ mention: FileMention) -> Bool {
    switch mention.owner {
    case .session(let row): refusedSessions[row] != nil
    case .message(let row, _): refusedMessages[row] != nil
    }
  }
}
