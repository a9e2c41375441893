/// Records.
extension DumpPart {
  mutating func compose(
    _ range: Range<Int>, to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    let first = items[range.lowerBound]
    guard first.record != .thread else { return compose(thread: first, to: &out, &spans) }
    guard !first.key.isEmpty else { return compose(nameless: first, to: &out, &spans) }
    let messages = range.lowerBound + items[range].prefix { !$0.isMessage }.count
    composeHead(range.lowerBound..<messages, to: &out, &spans)
    compose(turns(messages..<range.upperBound), to: &out, &spans)
    out.append(UInt8(ascii: "}"))
  }

  /// A row of no conversation, to be rejected by itself.
  private mutating func compose(
    nameless item: Item, to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    out.append(staticText: #"{"key":"","refusal":"#)
    out.appendJSONString((item.problem ?? "").utf8)
    out.append(staticText: #","row":"#)
    let start = out.count
    out.append(staticText: item.isMessage ? #""message""# : #""conversation""#)
    note(item, start..<out.count, &spans)
    out.append(UInt8(ascii: "}"))
  }

  /// What a record says before its messages: of rows of the conversation, or of none, which are before a message.
  mutating func composeHead(
    _ conversations: Range<Int>, to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    let first = items[conversations.lowerBound]
    out.append(staticText: #"{"key":"#)
    out.appendJSONString(keys.span, first.key)
    noteName(of: first)
    if !conversations.isEmpty { append(conversations: conversations, to: &out, &spans) }
    if first.record == .bus {
      out.append(staticText: #","bus":"#)
      out.append(busName: Array(keys[first.key]))
    }
    out.append(UInt8(ascii: ","))
  }

  /// A message, with the rows that are part of it.
  struct Turn {
    var number: Int
    var losers: [Int] = []
  }

  /// Appends the member that holds messages.
  mutating func compose(
    _ turns: [Turn], to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    out.append(staticText: #""messages":["#)
    var isFirst = true
    for turn in turns {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      append(message: turn.number, turn.losers, to: &out, &spans)
    }
    out.append(UInt8(ascii: "]"))
  }

  /// The conversation's row; what its copies say that it does not is kept beside it.
  private mutating func append(
    conversations range: Range<Int>, to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    out.append(staticText: #","conversation":"#)
    let start = out.count
    let isChanged = append(row: items[range.lowerBound], leavingOut: [], to: &out)
    let winner = start..<out.count
    note(items[range.lowerBound], winner, &spans)
    append(flag: "undoubled", isChanged, to: &out)
    guard range.count > 1 else { return }
    out.append(staticText: #","copies":"#)
    out.append(decimal: range.count - 1)
    out.append(staticText: #","merged":["#)
    let list = out.count
    for number in range.dropFirst() {
      let before = out.count
      if before > list { out.append(UInt8(ascii: ",")) }
      let own = out.count
      _ = append(row: items[number], leavingOut: [], to: &out)
      if out[own...].elementsEqual(out[winner]) {
        out.removeSubrange(before...)
        continue
      }
      note(items[number], own..<out.count, &spans, isMerged: true)
    }
    out.append(UInt8(ascii: "]"))
  }

  private mutating func append(
    message number: Int, _ losers: [Int], to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    out.append(staticText: #"{"row":"#)
    let isOfBus = items[number].record == .bus
    let hidden = isOfBus ? ["payload"] : []
    let start = out.count
    var isChanged = append(row: items[number], leavingOut: hidden, to: &out)
    let winner = start..<out.count
    note(items[number], winner, &spans)
    // What was split last is this row.
    append(flag: "repeated", !repeatedIds.isEmpty && isIdKept(byAnother: items[number]), to: &out)
    if isOfBus, append(payloadOf: items[number], to: &out) { isChanged = true }
    if let problem = items[number].problem {
      out.append(staticText: #","refusal":"#)
      out.appendJSONString(problem.utf8)
    }
    if !losers.isEmpty {
      out.append(staticText: #","copies":"#)
      out.append(decimal: losers.count)
      out.append(staticText: #","merged":["#)
      let list = out.count
      for loser in losers {
        let before = out.count
        if before > list { out.append(UInt8(ascii: ",")) }
        let own = out.count
        var whole: [UInt8] = []
        _ = append(row: items[loser], leavingOut: hidden, to: &whole)
        if whole.elementsEqual(out[winner]) {
          out.removeSubrange(before...)
          continue
        }
        let changed = append(
          row: items[loser], leavingOut: hidden + ["conversation_id", "role", "content"], to: &out)
        isChanged = isChanged || changed
        note(items[loser], own..<out.count, &spans, isMerged: true)
      }
      out.append(UInt8(ascii: "]"))
    }
    append(flag: "undoubled", isChanged, to: &out)
    out.append(UInt8(ascii: "}"))
  }

  /// Whether a message of another conversation keeps the id of the row that was split last.
  private mutating func isIdKept(byAnother item: Item) -> Bool {
    guard load(rows.layouts[item.entry.layout].id), let id = RowId(uuid: text.span) else {
      return false
    }
    return repeatedIds.contains(id, of: item.entry.hash)
  }

  /// Says what a conversation is called that has files.
  private mutating func noteName(of item: Item) {
    guard let files, item.record == .conversation, files.isLinked(Array(keys[item.key])) else {
      return
    }
    let key = Array(keys[item.key])
    var name: [UInt8] = []
    let layout = rows.layouts[item.entry.layout]
    if !item.isMessage, let column = layout.columns.firstIndex(of: "continuation_id") {
      let source = rows.bytes
      _ = layout.split(source.span, item.entry.range, into: &fields)
      if column < fields.count { fields[column].append(of: rows.bytes, to: &name) }
    }
    files.note(key, continuationId: name.isEmpty ? key : name)
  }

  /// A thread's row: its document as text, as a dump of keys may have it, and what the row says beside.
  private mutating func compose(
    thread item: Item, to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    let layout = rows.layouts[item.entry.layout]
    out.append(staticText: #"{"row":"#)
    let start = out.count
    var isChanged = append(
      row: item, leavingOut: ["conversation_data", "thread_id"], to: &out)
    note(item, start..<out.count, &spans)
    if let problem = item.problem {
      out.append(staticText: #","refusal":"#)
      out.appendJSONString(problem.utf8)
      out.append(UInt8(ascii: "}"))
      return
    }
    out.append(staticText: #","key":"#)
    out.appendJSONString(keys.span, item.key)
    // What was split last is this row.
    if let column = layout.content, fields[column].form != .null {
      text.removeAll(keepingCapacity: true)
      fields[column].append(of: rows.bytes, to: &text)
      if doubled[item.entry.layout][column], let undone = DoubledBackslashes.undone(text) {
        isChanged = isChanged || undone.count < text.count
        text = undone
      }
      out.append(staticText: #","value":"#)
      out.appendJSONString(text.span, 0..<text.count)
    }
    append(flag: "undoubled", isChanged, to: &out)
    out.append(UInt8(ascii: "}"))
  }

  private func append(flag name: StaticString, _ isSet: Bool, to out: inout [UInt8]) {
    guard isSet else { return }
    out.append(staticText: ",\"")
    out.append(staticText: name)
    out.append(staticText: "\":true")
  }

  func note(
    _ item: Item, _ range: Range<Int>, _ spans: inout [SourceSpan], isMerged: Bool = false
  ) {
    spans.append(
      SourceSpan(
        range: range, place: item.entry.place,
        row: SourceRow(layout: item.entry.layout, range: item.entry.range, isMerged: isMerged)))
  }

  private mutating func turns(_ range: Range<Int>) -> [Turn] {
    var turns: [Turn] = []
    turns.reserveCapacity(range.count)
    repeated.clear()
    for number in range {
      let turn = repeated.add(items[number])
      if turn == turns.count {
        turns.append(Turn(number: number))
      } else {
        turns[turn].losers.append(number)
      }
    }
    return turns
  }

  /// Appends a row as an object; tells whether backslashes were undone in it.
  private mutating func append(
    row item: Item, leavingOut: [String], to out: inout [UInt8]
  ) -> Bool {
    let layout = rows.layouts[item.entry.layout]
    let source = rows.bytes
    _ = layout.split(source.span, item.entry.range, into: &fields)
    var isChanged = false
    out.append(UInt8(ascii: "{"))
    let start = out.count
    for column in layout.columns.indices where column < fields.count {
      guard !leavingOut.contains(layout.columns[column]) else { continue }
      if out.count > start { out.append(UInt8(ascii: ",")) }
      out.append(0..<layout.names[column].count, of: layout.names[column])
      guard fields[column].form != .null else {
        out.append(staticText: "null")
        continue
      }
      text.removeAll(keepingCapacity: true)
      fields[column].append(of: rows.bytes, to: &text)
      if layout.isJSON[column], fields[column].form != .expression {
        if doubled[item.entry.layout][column], let undone = DoubledBackslashes.undone(text),
          undone.count < text.count
        {
          text = undone
          isChanged = true
        }
        if tape.parse(text, 0..<text.count) == nil {
          out.append(0..<text.count, of: text)
          continue
        }
      }
      out.appendJSONString(text.span, 0..<text.count)
    }
    out.append(UInt8(ascii: "}"))
    return isChanged
  }
}
