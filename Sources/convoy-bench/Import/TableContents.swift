/// What a load left in the two tables; equal values mean equal rows.
struct TableContents: Equatable, CustomStringConvertible {
  struct Checksum: Equatable {
    let rows: Int
    let sum: String
  }

  let sessions: Checksum
  let messages: Checksum

  var description: String {
    "\(sessions.rows) sessions (checksum \(sessions.sum)), "
      + "\(messages.rows) messages (checksum \(messages.sum))"
  }
}
