/// Quotes a name as an SQL identifier (PostgreSQL documentation, section 4.1.1).
public func quotedIdentifier(_ name: String) -> String {
  "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    + "\""
}

/// Quotes text as an SQL literal that reads the same under either standard_conforming_strings.
public func quotedLiteral(_ text: String) -> String {
  let quotes = text.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: "''")
  guard text.contains("\\") else { return "'\(quotes)'" }
  let escaped = quotes.split(separator: "\\", omittingEmptySubsequences: false)
    .joined(separator: "\\\\")
  return " E'\(escaped)'"
}
