/// What the beginning of a file says of a dump that it may be.
enum DumpSign: Equatable {
  /// Rows of a table that is loaded, or at least its definition where `isSure` is false.
  case rows(String, isSure: Bool)
  /// A dump whose rows would be read as something else, and why.
  case refused(String)
  /// SQL, in words.
  case other(String)

  /// Nil of bytes that are neither SQL nor CSV of a known table.
  init?(_ head: [UInt8], isAll: Bool) {
    guard CSVHeader(head, isEnd: isAll) == nil else {
      self = .rows(CSVHeader(head, isEnd: isAll)?.table.rawValue ?? "", isSure: true)
      return
    }
    if let problem = Self.archiveProblem(head) {
      self = .refused(problem)
      return
    }
    guard Self.mayBeSQL(head) else { return nil }
    var reader = DumpReader(head)
    // A row that is too long for what was read is no error here.
    while let row = try? reader.next() {
      self = .rows(reader.layouts[row.layout].table.rawValue, isSure: true)
      return
    }
    if let refusal = reader.refusal {
      self = .refused(refusal)
      return
    }
    if let layout = reader.layouts.first {
      self = .rows(layout.table.rawValue, isSure: !isAll)
      return
    }
    if let defined = reader.definedTables.first {
      self = .rows(defined, isSure: false)
      return
    }
    let tables = reader.passed.tables.map(\.name)
    // A run has to say why it is not loaded.
    if let table = tables.lazy.compactMap({ DumpTable.likeNamed(DumpName.table(of: $0)) }).first {
      self = .rows(table.rawValue, isSure: false)
      return
    }
    guard tables.isEmpty else {
      self = .other("SQL with rows of \(tables[0]) and none of a table that is loaded")
      return
    }
    guard !reader.passed.statements.isEmpty else { return nil }
    self = .other("SQL without rows of a table that is loaded in its beginning")
  }

  private static func archiveProblem(_ head: [UInt8]) -> String? {
    guard head.starts(with: "PGDMP".utf8) || head.starts(with: "toc.dat".utf8) else { return nil }
    return "it is an archive of pg_dump; pg_restore --file=dump.sql makes SQL of it"
  }

  /// Why bytes that do not begin with names of columns are no dump either; nil if they may be SQL.
  static func problem(_ head: [UInt8], isAll: Bool) -> String? {
    if let problem = archiveProblem(head) { return problem }
    guard let first = head.span.sqlToken(from: 0), !mayBeSQL(head) else { return nil }
    var end = first
    while end < head.count, isSQLNameByte(head[end]) { end += 1 }
    guard end < head.count || isAll else { return nil }
    let word = String(decoding: head[first..<end], as: UTF8.self).uppercased()
    guard !furtherWords.contains(word), head[first] != UInt8(ascii: ";") else { return nil }
    return
      "it is neither SQL nor CSV that begins with the names, with commas between them, of a known "
      + "table's columns"
  }

  /// Words that SQL may begin with, and many other texts too.
  private static let furtherWords: Set<String> = [
    "ANALYZE", "CALL", "CHECKPOINT", "COMMIT", "DECLARE", "DISCARD", "DO", "END", "LOAD", "MERGE",
    "NOTIFY", "PRAGMA", "REASSIGN", "REFRESH", "REINDEX", "REPLACE", "RESET", "ROLLBACK",
    "SAVEPOINT",
    "SECURITY",
    "SHOW", "UNLOCK", "UPDATE", "USE", "VACUUM", "VALUES", "WITH",
  ]

  /// Whether the first token can begin a statement.
  private static func mayBeSQL(_ head: [UInt8]) -> Bool {
    guard let first = head.span.sqlToken(from: 0) else { return head.starts(with: "--".utf8) }
    guard head[first] != UInt8(ascii: "\\") else { return true }
    var end = first
    while end < head.count, isSQLNameByte(head[end]) { end += 1 }
    let word = String(decoding: head[first..<end], as: UTF8.self).uppercased()
    return [
      "ALTER", "BEGIN", "COMMENT", "COPY", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "LOCK",
      "REVOKE", "SELECT", "SET", "START", "TRUNCATE",
    ].contains(word)
  }
}
