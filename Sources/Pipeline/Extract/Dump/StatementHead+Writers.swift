/// Statements that may bring rows of a table without being an INSERT of rows that can be read: `WITH … INSERT`,
/// `MERGE`, `SELECT … INTO`, a `DO` block, and `INSERT OR REPLACE` and the like of other databases.
extension StatementHeadReader {
  /// First words of such statements.
  static let writers: Set<String> = ["DO", "LOAD", "MERGE", "REPLACE", "SELECT", "WITH"]

  /// Looks through all of a statement whose first word has been read for a table that is loaded.
  mutating func writer(_ first: String) -> StatementHead? {
    while true {
      guard let token = token() else { return nil }
      switch source[token.lowerBound] {
      case UInt8(ascii: ";"): return .other(first)
      case UInt8(ascii: "$"), UInt8(ascii: "'"):
        // The text of a block is run, all others are values.
        guard first == "DO", let name = Self.table(writtenIn: text(inside: token)) else { continue }
        return .unread(name, "DO …")
      default:
        guard source.span.sqlIs(token, "INTO") else { continue }
        guard let name = nameBehindInto() else { return nil }
        if name.isLoaded { return .unread(name, "\(first) …") }
      }
    }
  }

  /// The name behind `INTO`, before which MySQL's LOAD DATA has `TABLE`.
  private mutating func nameBehindInto() -> DumpName? {
    let before = at
    guard let word = word() else { return nil }
    if !source.span.sqlIs(word, "TABLE") { at = before }
    // What is no name, as in a text of a block, ends nothing.
    guard let start = peek() else { return nil }
    guard source[start] == UInt8(ascii: "\"") || isSQLNameByte(source[start]) else {
      return DumpName(table: "", text: "")
    }
    return name()
  }

  private static func table(writtenIn block: [UInt8]) -> DumpName? {
    var reader = StatementHeadReader(block + Array(";".utf8), at: 0)
    while let token = reader.token() {
      guard reader.source.span.sqlIs(token, "INTO") else { continue }
      guard let name = reader.nameBehindInto() else { return nil }
      if name.isLoaded { return name }
    }
    return nil
  }

  /// What stands between the quotes that a token begins and ends with.
  private func text(inside token: Range<Int>) -> [UInt8] {
    guard source[token.lowerBound] == UInt8(ascii: "$"),
      let found = source.span.sqlDollarText(at: token.lowerBound), !found.isNone
    else { return Array(source[token].dropFirst().dropLast()) }
    return Array(source[found.text])
  }
}

/// Definitions of routines.
extension StatementHeadReader {
  /// Behind the semicolon that ends a routine's definition, whose body may be statements between `BEGIN ATOMIC` and
  /// `END`: these run when it is called, not when the dump is.
  mutating func routineEnd() -> Int? {
    var depth = 0
    while let token = token() {
      if source[token.lowerBound] == UInt8(ascii: ";"), depth == 0 { return at }
      if source.span.sqlIs(token, "ATOMIC") || depth > 0 && source.span.sqlIs(token, "CASE") {
        depth += 1
      } else if depth > 0, source.span.sqlIs(token, "END") {
        depth -= 1
      }
    }
    return nil
  }
}
