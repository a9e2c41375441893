/// What a record's own bytes do not say and its row depends on, so that a reject can be loaded later just
/// as it would have been with the rest of its input.
struct RejectOrigin: Sendable, Hashable, Codable {
  /// Of the session a message belongs to.
  struct Session: Sendable, Hashable, Codable {
    /// Natural key.
    var key: String
    /// The session's own creation time, RFC 3339; part of ids.
    var createdAt: String?
    /// The model its record names for all messages.
    var model: String?
    /// True where the source has nothing of the session but its messages, each of which brings it with it.
    var isMade: Bool?
  }

  /// Of one message.
  struct Message: Sendable, Hashable, Codable {
    /// 0-based position in the session's source.
    var index: Int
    /// Stands for the index in the natural key.
    var occurrence: Int?
    /// Position of the call whose row this tool's result is part of.
    var call: Int?
    /// Whether the session had a title before this message.
    var isTitled: Bool
    /// Whether the session had a time before this message.
    var isTimed: Bool
    /// Microseconds the tie rule moved it from its own time.
    var tieMicroseconds: Int?
    /// What it is stored with where it has no time, RFC 3339.
    var createdAt: String?
  }

  var dialect: SourceFormat
  /// What provenance calls the input.
  var name: String
  /// What names the set of inputs.
  var inputs: String
  /// Where the record with the session stands.
  var line: Int
  var byteOffset: Int
  /// Key below which that record has the session.
  var document: String?
  /// True where the reject's bytes are the whole record, because the session is text inside it.
  var isPacked: Bool?
  /// Number of the piece, from 0, of a record that is too long for one line.
  var piece: Int?
  var session: Session?
  var message: Message?
}
