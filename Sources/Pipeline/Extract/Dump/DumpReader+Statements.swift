internal import Archive

/// Statements.
extension DumpReader {
  mutating func statement() -> Outcome {
    guard let start = buffer.span.sqlToken(from: at) else {
      guard isEnd else { return .cutOff }
      end()
      return .passed
    }
    at = start
    if buffer[start] == UInt8(ascii: ";") {
      at += 1
      return .passed
    }
    if buffer[start] == UInt8(ascii: "\\") { return psqlCommand(at: start) }
    if !lastHead.isEmpty, start + lastHead.count < buffer.count,
      buffer.span.matches(start..<start + lastHead.count, lastHead.span, at: 0)
    {
      at = start + lastHead.count
      passed.beginStatement(of: tableName, isKnown: lastLayout != nil)
      state = .tuples(lastLayout)
      return .passed
    }
    var reader = StatementHeadReader(buffer, at: start)
    guard let head = reader.read() else { return .cutOff }
    let behind = reader.at
    switch head {
    case .insert(let name, let columns):
      let known = layout(name, columns, form: .insert, head: start..<behind)
      guard !known.isUnnamed else { return refuse(Self.unnamed(name)) }
      (tableName, lastLayout) = (name.text, known.layout)
      lastHead = Array(buffer[start..<behind])
      passed.beginStatement(of: tableName, isKnown: lastLayout != nil)
      at = behind
      state = .tuples(known.layout)
    case .copy(let name, let columns, let isCSV, let hasHeader):
      return beginCopy(name, columns, isCSV: isCSV, hasHeader: hasHeader, start..<behind)
    case .foreignCopy(let name, let option):
      guard DumpTable(rawValue: name.table) == nil else {
        return refuse("COPY \(name.text) has the option \(option), which is not read")
      }
      // Its lines are passed over, and end as all do.
      guard let end = buffer.span.sqlStatementEnd(from: start) else { return .cutOff }
      return beginCopy(name, [], isCSV: false, hasHeader: false, start..<end)
    case .foreign(let reason): return refuse(reason)
    case .unread(let name, let form):
      guard let end = buffer.span.sqlStatementEnd(from: start) else { return .cutOff }
      passed.addUnread(form, of: name, at: place(start..<end))
      at = end
    case .setting(let name, let value):
      guard let end = buffer.span.sqlStatementEnd(from: start) else { return .cutOff }
      if let problem = problem(settingOf: name, value) { return refuse(problem) }
      passed.addStatement("SET", at: place(start..<end))
      at = end
    case .createTable(let name):
      guard let columns = reader.definedColumns(), let next = reader.word(),
        let end = buffer.span.sqlStatementEnd(from: reader.at)
      else { return .cutOff }
      defined[name.text] = columns
      if buffer.span.sqlIs(next, "AS") {
        passed.addUnread("CREATE TABLE … AS", of: name, at: place(start..<end))
      } else {
        passed.addStatement("CREATE TABLE", at: place(start..<end))
      }
      at = end
    case .other(let kind):
      let isRoutine = kind == "CREATE FUNCTION" || kind == "CREATE PROCEDURE"
      guard
        let end = isRoutine ? reader.routineEnd() : buffer.span.sqlStatementEnd(from: start)
      else { return .cutOff }
      passed.addStatement(kind, at: place(start..<end))
      at = end
    }
    return .passed
  }

  /// A command to psql, as `\restrict`; of those only the ones that would bring rows are told of.
  private mutating func psqlCommand(at start: Int) -> Outcome {
    let newline = buffer.firstIndex(of: 0x0A, in: start..<buffer.count)
    guard newline != nil || isEnd else { return .cutOff }
    let end = newline ?? buffer.count
    let words = String(decoding: buffer[start..<end], as: UTF8.self).split(separator: " ")
    switch words.first {
    case "\\copy" where words.dropFirst(2).contains { $0.lowercased() == "from" }:
      var reader = StatementHeadReader(Array(words[1].utf8) + Array("(".utf8), at: 0)
      let name = reader.name() ?? DumpName(table: "", text: "")
      passed.addUnread("\\copy", of: name, at: place(start..<end))
    case "\\i", "\\ir", "\\include", "\\include_relative":
      passed.addStatement(String(words[0]), at: place(start..<end))
    default: break
    }
    at = newline.map { $0 + 1 } ?? end
    return .passed
  }

  /// Why texts behind a `SET` would be read as others than they are; nil of one that changes nothing.
  private func problem(settingOf name: String, _ value: String) -> String? {
    switch name {
    case "client_encoding": return problem(encodedIn: value)
    case "standard_conforming_strings":
      guard ["off", "false", "no", "0"].contains(value.lowercased()) else { return nil }
      return "it sets standard_conforming_strings off, and texts with such backslashes are not read"
    default: return nil
    }
  }

  private func problem(encodedIn name: String) -> String? {
    let word = name.uppercased().filter { $0 != "-" && $0 != "_" }
    guard !["SQLASCII", "DEFAULT"].contains(word) else { return nil }
    let isUTF8 = ["UTF8", "UNICODE"].contains(word)
    let isSingleByte = ["WIN1252", "LATIN1", "ISO88591"].contains(word)
    guard encoding == .windows1252 ? !isSingleByte : !isUTF8 else { return nil }
    if encoding == .windows1252 {
      return "it is written in \(name), and source.encoding is windows-1252"
    }
    let way =
      isSingleByte
      ? "source.encoding: windows-1252 reads it" : "pg_dump --encoding=UTF8 writes that"
    return "it is written in \(name), and only UTF-8 is read; \(way)"
  }

  /// What the dump said of a table's columns, under its name with its schema or without.
  private func definition(of name: DumpName) -> (names: [String], json: Set<String>)? {
    if let known = defined[name.text] { return known }
    let isQualified = name.text != name.table
    let candidates = defined.filter { other, _ in
      isQualified ? other == name.table : other.hasSuffix(".\(name.table)")
    }
    return candidates.count == 1 ? candidates.first?.value : nil
  }

  private static func unnamed(_ name: DumpName) -> String {
    "the columns of \(name.text) are named neither here nor by a CREATE TABLE before"
  }

  private mutating func layout(
    _ name: DumpName, _ columns: [String], form: DumpLayout.Form, head: Range<Int>
  ) -> (layout: Int?, isUnnamed: Bool) {
    guard let table = DumpTable(rawValue: name.table) else { return (nil, false) }
    let known = definition(of: name)
    let names = columns.isEmpty ? known?.names ?? [] : columns
    guard !names.isEmpty else { return (nil, true) }
    var text = Array(buffer[head])
    if columns.isEmpty { text = Self.naming(names, text, form) }
    let layout = DumpLayout(
      table, form: form, columns: names, jsonColumns: known?.json ?? [], head: text)
    return (layout.map { intern($0) }, false)
  }

  /// A statement's beginning with the columns it does not name itself, so that it can stand alone.
  private static func naming(
    _ columns: [String], _ head: [UInt8], _ form: DumpLayout.Form
  ) -> [UInt8] {
    let list = Array(" (".utf8) + CSVHeader.line(columns) + Array(")".utf8)
    var reader = StatementHeadReader(head + Array(" ".utf8), at: 0)
    guard reader.skipToNameEnd(isCopy: form != .insert) else { return head }
    return head[..<reader.at] + list + head[reader.at...]
  }

  private mutating func beginCopy(
    _ name: DumpName, _ columns: [String], isCSV: Bool, hasHeader: Bool, _ head: Range<Int>
  ) -> Outcome {
    // The lines begin behind the line the statement ends in.
    guard let end = buffer.firstIndex(of: 0x0A, in: head.upperBound..<buffer.count) else {
      return .cutOff
    }
    var next = end + 1
    if hasHeader {
      guard let header = buffer.firstIndex(of: 0x0A, in: next..<buffer.count) else {
        return .cutOff
      }
      next = header + 1
    }
    let form: DumpLayout.Form = isCSV ? .csv : .copyText
    var known = layout(name, columns, form: form, head: head)
    guard !known.isUnnamed else { return refuse(Self.unnamed(name)) }
    if isCSV, let index = known.layout {
      // Alone, its rows are read as CSV is that stands in a file.
      var layout = layouts[index]
      layout.head = CSVHeader.line(layout.columns)
      known.layout = intern(layout)
    }
    passed.beginStatement(of: name.text, isKnown: known.layout != nil)
    tableName = name.text
    at = next
    state = isCSV ? .csv(known.layout, endsInDot: true) : .lines(known.layout)
    return .passed
  }
}
