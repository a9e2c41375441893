/// What of an archive a command is about: the rows of some tables, of some sessions, since some time.
public struct ArchiveSelection: Sendable {
  /// Tables, as the archive names them; empty for all.
  public private(set) var tables: [String] = []
  /// Continuation ids or session ids; empty for all.
  public private(set) var sessions: [String] = []
  /// The least `created_at`, in microseconds since 2000-01-01T00:00:00Z.
  private(set) var since: Int64?

  /// Selects everything.
  public init() {}

  /// Reads terms `table=NAME`, `session=ID` and `since=TIME`.
  ///
  /// Several tables or sessions are any of them; terms of different kinds must all be met.
  ///
  /// - Throws: ``RunError`` that tells which term cannot be read, and why.
  public init(_ terms: [String]) throws(RunError) {
    for term in terms {
      let (kind, value) = (term.prefix { $0 != "=" }, String(term.drop { $0 != "=" }.dropFirst()))
      switch kind {
      case "table" where !value.isEmpty: tables.append(value)
      case "session" where !value.isEmpty: sessions.append(value)
      case "since":
        guard since == nil else { throw RunError(.failed, "since can be given once only") }
        guard let time = SpecTime.microseconds(value) else {
          throw RunError(
            .failed, "since=\(value): a date, or a date and time with its zone, is wanted",
            hint: "such as since=2026-11-01 or since=2026-11-01T08:00:00Z")
        }
        since = Timestamp(microseconds: time).postgresMicroseconds
      default:
        throw RunError(.failed, "\(term): table=NAME, session=ID or since=TIME is wanted")
      }
    }
  }

  /// The rows of some sessions.
  public init(sessions: [String]) { self.sessions = sessions }

  /// Whether nothing is left out.
  public var isWhole: Bool { tables.isEmpty && hasAllRows }

  /// Whether the tables that are selected are so with all their rows.
  var hasAllRows: Bool { sessions.isEmpty && since == nil }
}
