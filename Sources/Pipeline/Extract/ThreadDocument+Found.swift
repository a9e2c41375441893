/// Where the documents of a record are, and what a dump says of them beside.
extension ThreadDocument {
  /// One document of a record: on the tape, or as text of its own that is still to be parsed.
  struct Found {
    var key: [UInt8]?
    /// The key as JSON fit for jsonb, and how many of its characters had to be changed for that.
    var fitKey: [UInt8] = []
    var changedKeyCharacters = 0
    /// JSON fit for jsonb, as is ``beside``.
    var timeToLive: [UInt8]?
    /// An object of what else the dump says of the key.
    var beside: [UInt8]?
    /// What the row of a table says of it.
    var columns: [(name: StaticString, value: [UInt8])] = []
    /// Whether backslashes of the row's document were doubled.
    var isUndoubled = false
    /// Characters of these two that PostgreSQL cannot hold and that were changed.
    var changedCharacters = 0
    var document: Document

    enum Document {
      case value(JSONValue)
      case text([UInt8])
    }
  }

  /// The documents a record holds; empty when it has none of the known shapes.
  ///
  /// `isRow` tells a record that was put together from a row of `conversation_threads`.
  func documents(
    _ root: JSONValue, isRow: Bool = false, of tape: borrowing JSONTape
  ) -> [Found] {
    guard tape.kind(root) == .object else { return [] }
    guard !isRow else { return row(root, of: tape).map { [$0] } ?? [] }
    if tape.member(root, "turns") != nil || tape.member(root, "thread_id") != nil {
      return [Found(document: .value(root))]
    }
    if let dumped = dumped(root, of: tape) { return [dumped] }
    var found: [Found] = []
    var isMap = true
    tape.forEachMember(root) { key, value in
      let name = tape.decoded(key)
      guard isMap, name.starts(with: Self.keyPrefix), let document = document(value, of: tape)
      else {
        isMap = false
        return
      }
      found.append(named(key, document, of: tape))
    }
    return isMap ? found : []
  }

  /// The value of a key that a dump has with what else it says of it, whatever the key is.
  func dumped(_ root: JSONValue, of tape: borrowing JSONTape) -> Found? {
    guard let key = tape.member(root, "key"), tape.kind(key) == .string,
      let value = tape.member(root, "value"), let document = document(value, of: tape)
    else { return nil }
    var found = named(key, document, of: tape)
    addDetails(of: root, besides: [key, value], to: &found, of: tape)
    return found
  }

  /// Whether all members of an object have keys as Redis has them.
  func areKeyed(_ root: JSONValue, of tape: borrowing JSONTape) -> Bool {
    tape.hasKeys(root, allWith: Self.keyPrefix)
  }

  func named(
    _ key: JSONValue, _ document: Found.Document, of tape: borrowing JSONTape
  ) -> Found {
    var found = Found(key: tape.decoded(key), document: document)
    var fit: [UInt8] = []
    found.changedKeyCharacters = tape.appendDecoded(key, refused: text.refused, to: &fit)
    found.fitKey.appendJSONString(fit)
    return found
  }

  private func addDetails(
    of root: JSONValue, besides used: [JSONValue], to found: inout Found,
    of tape: borrowing JSONTape
  ) {
    var used = used
    if let ttl = tape.member(root, "ttl") ?? tape.member(root, "TTL") {
      var fit: [UInt8] = []
      found.changedCharacters += tape.appendFitJSON(ttl, refused: text.refused, to: &fit)
      found.timeToLive = fit
      used.append(ttl)
    }
    var names = UniqueNames()
    var details: [UInt8] = [UInt8(ascii: "{")]
    tape.forEachMember(root) { key, value in
      guard !used.contains(value) else { return }
      if details.count > 1 { details.append(UInt8(ascii: ",")) }
      var name: [UInt8] = []
      found.changedCharacters += tape.appendDecoded(key, refused: text.refused, to: &name)
      details.appendJSONString(names.unused(name))
      details.append(UInt8(ascii: ":"))
      found.changedCharacters += tape.appendFitJSON(value, refused: text.refused, to: &details)
    }
    guard details.count > 1 else { return }
    found.beside = details + [UInt8(ascii: "}")]
  }

  static let keyPrefix = Array("thread:".utf8)

  private func document(_ value: JSONValue, of tape: borrowing JSONTape) -> Found.Document? {
    switch tape.kind(value) {
    case .object: .value(value)
    case .string: .text(tape.decoded(value))
    default: nil
    }
  }
}
