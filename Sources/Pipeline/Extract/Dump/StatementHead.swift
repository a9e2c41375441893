/// What the beginning of a statement says it does.
enum StatementHead {
  /// Rows follow behind `VALUES`; no columns are named where the table's own order counts.
  case insert(DumpName, columns: [String])
  /// Lines follow behind the semicolon, up to `\.`.
  case copy(DumpName, columns: [String], isCSV: Bool, hasHeader: Bool)
  /// COPY of lines in a form that is not read.
  case foreignCopy(DumpName, option: String)
  /// A statement that brings rows in a form that is not read, in words such as `INSERT … SELECT`.
  case unread(DumpName, String)
  /// One of another database's SQL, whose texts may end elsewhere; says why.
  case foreign(String)
  /// `SET`; what is set is in small letters, its value without quotes.
  case setting(String, value: String)
  /// The definition of a table; its columns are read once all of it is there.
  case createTable(DumpName)
  /// Anything else, by its first words.
  case other(String)
}

/// Reads the beginnings of statements; all answers are nil where the bytes end too early.
struct StatementHeadReader {
  let source: [UInt8]
  var at: Int

  init(_ source: [UInt8], at: Int) {
    self.source = source
    self.at = at
  }

  /// Reads the beginning of the statement at the present place, up to what follows it.
  mutating func read() -> StatementHead? {
    guard let first = word() else { return nil }
    if source.span.sqlIs(first, "INSERT") { return insert() }
    if source.span.sqlIs(first, "COPY") { return copy() }
    if source.span.sqlIs(first, "CREATE") { return create() }
    if source.span.sqlIs(first, "SET") { return setting() }
    guard !first.isEmpty else { return .other("text that begins no statement") }
    if Self.writers.contains(text(first)) { return writer(text(first)) }
    // Names of things do not become kinds of statements.
    guard Self.twoWords.contains(text(first)) else { return .other(text(first)) }
    guard let second = word() else { return nil }
    return .other("\(text(first)) \(text(second))")
  }

  private static let twoWords: Set<String> = ["ALTER", "COMMENT", "DROP"]

  private mutating func insert() -> StatementHead? {
    let behindInsert = at
    guard let into = word() else { return nil }
    guard source.span.sqlIs(into, "INTO") else {
      at = behindInsert
      return writer("INSERT")
    }
    guard let start = peek() else { return nil }
    guard source[start] != UInt8(ascii: "`") else {
      return .foreign("names are in backticks, as MySQL writes them, whose texts are not read")
    }
    guard let name = name() else { return nil }
    var columns: [String] = []
    guard var next = peek() else { return nil }
    if source[next] == UInt8(ascii: "(") {
      at = next
      guard let names = names() else { return nil }
      columns = names
      guard let behind = peek() else { return nil }
      next = behind
    }
    guard var word = word() else { return nil }
    if source.span.sqlIs(word, "OVERRIDING") {
      guard self.word() != nil, self.word() != nil, let values = self.word() else { return nil }
      word = values
    }
    guard !word.isEmpty else { return .unread(name, "INSERT in parentheses") }
    return source.span.sqlIs(word, "VALUES")
      ? .insert(name, columns: columns) : .unread(name, "INSERT … \(text(word))")
  }

  private mutating func setting() -> StatementHead? {
    guard var name = word() else { return nil }
    if source.span.sqlIs(name, "SESSION") || source.span.sqlIs(name, "LOCAL") {
      guard let next = word() else { return nil }
      name = next
    }
    guard var value = token() else { return nil }
    let isNames = source.span.sqlIs(name, "NAMES")
    if !isNames, source.span.sqlIs(value, "TO") || source[value.lowerBound] == UInt8(ascii: "=") {
      guard let next = token() else { return nil }
      value = next
    }
    return .setting(isNames ? "client_encoding" : identifier(name), value: unquoted(value))
  }

  private mutating func copy() -> StatementHead? {
    guard let next = peek() else { return nil }
    guard source[next] != UInt8(ascii: "(") else { return .other("COPY") }
    guard let name = name(), let behind = peek() else { return nil }
    var columns: [String] = []
    if source[behind] == UInt8(ascii: "(") {
      guard let names = names() else { return nil }
      columns = names
    }
    guard let from = word(), let origin = token() else { return nil }
    guard source.span.sqlIs(from, "FROM") else { return .other("COPY") }
    guard source.span.sqlIs(origin, "STDIN") else { return .unread(name, "COPY from a file") }
    var (isCSV, hasHeader, isOfHeader) = (false, false, false)
    while let option = token() {
      switch source[option.lowerBound] {
      case UInt8(ascii: ";"):
        return .copy(name, columns: columns, isCSV: isCSV, hasHeader: hasHeader)
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","): continue
      default: break
      }
      switch unquoted(option).uppercased() {
      case "WITH", "FORMAT", "TEXT", "TRUE", "ON", "1", "MATCH": break
      case "CSV": isCSV = true
      case "HEADER": (hasHeader, isOfHeader) = (true, true)
      case "FREEZE": isOfHeader = false
      case "FALSE", "OFF", "0": if isOfHeader { hasHeader = false }
      case let other: return .foreignCopy(name, option: other)
      }
    }
    return nil
  }

  private mutating func create() -> StatementHead? {
    var kind = "CREATE"
    while let next = word() {
      switch text(next) {
      case "OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "GLOBAL", "LOCAL": continue
      case "TABLE":
        guard let start = peek() else { return nil }
        let before = at
        at = start
        guard let name = nameBehindConditions() else { return nil }
        guard let open = peek() else { return nil }
        if source[open] == UInt8(ascii: "(") {
          at = open
          return .createTable(name)
        }
        guard let next = word() else { return nil }
        if source.span.sqlIs(next, "AS") { return .unread(name, "CREATE TABLE … AS") }
        at = before
        return .other("CREATE TABLE")
      case let other: kind += " \(other)"
      }
      return .other(kind)
    }
    return nil
  }

  private mutating func nameBehindConditions() -> DumpName? {
    let before = at
    guard let first = token() else { return nil }
    guard source.span.sqlIs(first, "IF") else {
      at = before
      return name()
    }
    guard word() != nil, word() != nil else { return nil }
    return name()
  }

  /// Goes behind the table's name in the beginning of an INSERT or COPY; false where there is none.
  mutating func skipToNameEnd(isCopy: Bool) -> Bool {
    guard word() != nil else { return false }
    if !isCopy, word() == nil { return false }
    return name() != nil
  }

  /// A name of one part or more; words that may stand before it are passed over.
  mutating func name() -> DumpName? {
    guard var part = token() else { return nil }
    if source.span.sqlIs(part, "ONLY") {
      guard let next = token() else { return nil }
      part = next
    }
    var name = DumpName(table: identifier(part), text: identifier(part))
    while let next = peek() {
      guard source[next] == UInt8(ascii: ".") else { return name }
      at = next + 1
      guard let further = token() else { return nil }
      name.table = identifier(further)
      name.text += "." + name.table
    }
    return nil
  }

  /// Names between parentheses.
  private mutating func names() -> [String]? {
    guard let open = token(), source[open.lowerBound] == UInt8(ascii: "(") else { return nil }
    var names: [String] = []
    while let part = token() {
      switch source[part.lowerBound] {
      case UInt8(ascii: ")"): return names
      case UInt8(ascii: ","): continue
      default: names.append(identifier(part))
      }
    }
    return nil
  }

  /// Columns of the table whose definition begins with the parenthesis here, and which of them hold JSON.
  mutating func definedColumns() -> (names: [String], json: Set<String>)? {
    guard token() != nil else { return nil }
    var names: [String] = []
    var json: Set<String> = []
    var (depth, position) = (0, 0)
    var isConstraint = false
    while let part = token() {
      let byte = source[part.lowerBound]
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"):
        if depth == 0 { return (names, json) }
        depth -= 1
      case UInt8(ascii: ",") where depth == 0: position = -1
      default:
        if depth == 0, position == 0 {
          isConstraint =
            byte != UInt8(ascii: "\"") && Self.constraintWords.contains(text(part))
          if !isConstraint { names.append(identifier(part)) }
        } else if depth == 0, position == 1, !isConstraint, let name = names.last,
          source.span.sqlIs(part, "JSON") || source.span.sqlIs(part, "JSONB")
        {
          json.insert(name)
        }
      }
      position += 1
    }
    return nil
  }

  private static let constraintWords: Set<String> = [
    "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE",
  ]

  func peek() -> Int? { source.span.sqlToken(from: at) }

  private func isWord(_ token: Range<Int>) -> Bool { isSQLNameByte(source[token.lowerBound]) }

  /// The next token: a word or number, something quoted, or one byte.
  mutating func token() -> Range<Int>? {
    guard let start = peek() else { return nil }
    var end = start
    while end < source.count, isSQLNameByte(source[end]) { end += 1 }
    if end == start {
      guard let next = source.span.sqlStep(over: start) else { return nil }
      end = next
    } else if end == source.count {
      return nil
    }
    at = end
    return start..<end
  }

  /// The next token, if it is a word; an empty range if it is something else, which stays.
  mutating func word() -> Range<Int>? {
    let before = at
    guard let token = token() else { return nil }
    guard isWord(token) else {
      at = before
      return token.lowerBound..<token.lowerBound
    }
    return token
  }

  /// A word in capitals, as key words are compared.
  func text(_ range: Range<Int>) -> String {
    var out: [UInt8] = []
    for at in range.prefix(40) { out.append(source[at]) }
    return String(decoding: out, as: UTF8.self).uppercased()
  }

  /// A word as it is, or what stands between quotes, doubled ones as they are.
  private func unquoted(_ range: Range<Int>) -> String {
    var range = range
    if source[range.lowerBound] == UInt8(ascii: "'")
      || source[range.lowerBound] == UInt8(ascii: "\"")
    {
      range = range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1)
    }
    return String(decoding: source[range], as: UTF8.self)
  }

  /// A name as the server folds it: small letters unless it is quoted.
  private func identifier(_ range: Range<Int>) -> String {
    var out: [UInt8] = []
    guard source[range.lowerBound] == UInt8(ascii: "\"") else {
      for at in range { out.append(source[at]) }
      return String(decoding: out, as: UTF8.self).lowercased()
    }
    var at = range.lowerBound + 1
    while at < range.upperBound - 1 {
      out.append(source[at])
      at += source[at] == UInt8(ascii: "\"") ? 2 : 1
    }
    return String(decoding: out, as: UTF8.self)
  }
}
