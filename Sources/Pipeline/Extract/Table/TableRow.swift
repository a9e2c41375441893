/// A row of the legacy table on its way to its session: what tells that, and its columns as one JSON object.
///
/// In bytes, low bytes first: time 8, start 8, kind 1, fields 1, length of the key 4, length of the user 4,
/// the key, the user, the object.
struct TableRow {
  /// What makes rows one session.
  enum Kind: UInt8 {
    /// An id in the row.
    case named
    /// One user, and a time within the idle gap of another row's.
    case timed
    /// One user, and no time at all.
    case untimed
  }

  /// The members of `meta` that may name a session, the first one that does wins.
  static let nameFields = ["continuation_id", "thread_id", "conversation_id", "session_id"]
  /// Of a row without a time: behind all others, and far from what would overflow.
  static let noTime = Int64.max / 2
  private static let headBytes = 26

  var kind: Kind
  /// Which of ``nameFields`` named it, a bit each.
  var fields: UInt8
  /// Microseconds since 1970.
  var time: Int64
  /// When the session began, of rows that name none.
  var start: Int64
  /// The id; empty of rows that name none.
  var key: Range<Int>
  var user: Range<Int>
  /// The columns.
  var json: Range<Int>

  /// Reads the row that is all of a range.
  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    let at = range.lowerBound
    time = bytes.little(at: at, as: Int64.self)
    start = bytes.little(at: at + 8, as: Int64.self)
    kind = Kind(rawValue: bytes[at + 16]) ?? .untimed
    fields = bytes[at + 17]
    let keyEnd = at + Self.headBytes + Int(bytes.little(at: at + 18, as: UInt32.self))
    let userEnd = keyEnd + Int(bytes.little(at: at + 22, as: UInt32.self))
    key = at + Self.headBytes..<keyEnd
    user = keyEnd..<userEnd
    json = userEnd..<range.upperBound
  }

  /// Appends what stands before a row's object.
  ///
  /// `key` and `user` are ranges of `source`.
  static func appendHead(
    _ kind: Kind, fields: UInt8, time: Int64, start: Int64, key: Range<Int>, user: Range<Int>,
    of source: borrowing Span<UInt8>, to out: inout [UInt8]
  ) {
    out.append(little: time)
    out.append(little: start)
    out.append(kind.rawValue)
    out.append(fields)
    out.append(little: UInt32(truncatingIfNeeded: key.count))
    out.append(little: UInt32(truncatingIfNeeded: user.count))
    out.append(addingCapacity: key.count + user.count) {
      $0.append(key, of: source)
      $0.append(user, of: source)
    }
  }

  /// What a row's session hashes to, which decides its part.
  func sessionHash(_ bytes: borrowing Span<UInt8>) -> UInt64 {
    WyHash.hash(
      bytes, kind == .named ? key : user,
      seed: UInt64(bitPattern: start) &+ UInt64(kind.rawValue))
  }

  /// Whether two rows are of one session; each with the bytes it lies in.
  func isOfSession(_ other: TableRow, _ bytes: [UInt8], _ others: [UInt8]) -> Bool {
    guard kind == other.kind, start == other.start else { return false }
    return kind == .named
      ? bytes[key].elementsEqual(others[other.key]) : bytes[user].elementsEqual(others[other.user])
  }

  /// An order in which rows of a session are next to each other, by their kind, start and name.
  func precedesSession(of other: TableRow, _ bytes: [UInt8], _ others: [UInt8]) -> Bool {
    if kind != other.kind { return kind.rawValue < other.kind.rawValue }
    if start != other.start { return start < other.start }
    return kind == .named
      ? bytes[key].lexicographicallyPrecedes(others[other.key])
      : bytes[user].lexicographicallyPrecedes(others[other.user])
  }
}
