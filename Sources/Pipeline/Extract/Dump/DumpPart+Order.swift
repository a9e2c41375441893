/// Order.
extension DumpPart {
  mutating func add(_ entry: RowSpill.Entry) {
    let layout = rows.layouts[entry.layout]
    let isMessage = layout.table.isOfMessages
    var item = Item(
      entry: entry, key: keys.count..<keys.count, record: layout.table.record, isMessage: isMessage)
    let source = rows.bytes
    item.problem = layout.split(source.span, entry.range, into: &fields)
    guard fields.count == layout.columns.count else {
      items.append(item)
      return
    }
    appendKey(of: &item, layout)
    if item.key.isEmpty, item.problem == nil {
      item.problem = Self.problem(withoutKey: layout.table)
    }
    // As it will be written: a clock without a zone may be behind one that has it.
    if load(layout.time), let time = WrittenTime(ParsedTime(text.span), in: zone) {
      item.time = time.instant.microseconds
    }
    if isMessage {
      item.isAssistant = load(layout.role) && text.elementsEqual("assistant".utf8)
      if load(layout.id) { item.id = TextDigest(text.span, 0..<text.count) }
      if load(layout.content) { item.content = TextDigest(text.span, 0..<text.count) }
    }
    items.append(item)
  }

  /// Appends the key of the record that a row is of.
  private mutating func appendKey(of item: inout Item, _ layout: DumpLayout) {
    guard fields[layout.key].form != .expression else { return }
    let start = keys.count
    if layout.table == .messageBus {
      guard fields[layout.key].form != .null else { return }
      var session: [UInt8] = []
      layout.appendSession(of: fields, in: rows.bytes, to: &session)
      keys += (payload(layout, item.entry, isUnchecked: true) ?? BusPayload()).key(session: session)
    } else {
      fields[layout.key].append(of: rows.bytes, to: &keys)
    }
    item.key = start..<keys.count
  }

  private static func problem(withoutKey table: DumpTable) -> String {
    switch table {
    case .conversations: "the row has no id"
    case .messages: "the message is of no conversation"
    case .conversationThreads: "the row has no thread_id"
    case .messageBus: "the row has no transaction_id"
    case .files, .conversationFiles, .providerUploads: "the row is about no file"
    }
  }

  /// Puts the text of a column's value into ``text``; false where it is null or there is no such column.
  mutating func load(_ column: Int?) -> Bool {
    guard let column, column < fields.count, fields[column].form != .null else { return false }
    text.removeAll(keepingCapacity: true)
    fields[column].append(of: rows.bytes, to: &text)
    return true
  }

  mutating func sort() {
    let keys = keys
    items.sort { Item.precedes($0, keys, $1, keys) }
  }

  func isOneConversation(_ left: Item, _ right: Item) -> Bool {
    Item.areOneConversation(left, keys, right, keys)
  }
}

extension DumpPart.Item {
  /// Whether a row goes before another one; each with the bytes that its key is in.
  static func precedes(_ left: Self, _ keys: [UInt8], _ right: Self, _ others: [UInt8]) -> Bool {
    if left.record != right.record { return left.record.rawValue < right.record.rawValue }
    if left.entry.hash != right.entry.hash { return left.entry.hash < right.entry.hash }
    let (a, b) = (keys[left.key], others[right.key])
    if !a.elementsEqual(b) { return a.lexicographicallyPrecedes(b) }
    if left.isMessage != right.isMessage { return !left.isMessage }
    // Of a conversation's rows the last state goes first, of messages the first one.
    if left.time != right.time {
      return left.isMessage ? left.time < right.time : left.time > right.time
    }
    if left.entry.place.input != right.entry.place.input {
      return left.entry.place.input < right.entry.place.input
    }
    return left.entry.place.byteOffset < right.entry.place.byteOffset
  }

  /// Whether two rows are of one conversation; each with the bytes that its key is in.
  static func areOneConversation(
    _ left: Self, _ keys: [UInt8], _ right: Self, _ others: [UInt8]
  ) -> Bool {
    left.record != .thread && left.record == right.record && !left.key.isEmpty
      && left.entry.hash == right.entry.hash
      && keys[left.key].elementsEqual(others[right.key])
  }
}
