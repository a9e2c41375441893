/// Rows of the product's table `conversation_threads`, each of which holds a thread document.
///
/// What becomes of the document is what becomes of it anywhere, so that a dump of Redis and one of this table
/// meet. What the row says beside it stays in `legacy`.
extension ThreadDocument {
  private enum Column: String, CaseIterable, Sendable {
    case id, metadata
    case user = "user_id"
    case created = "created_at"
    case accessed = "accessed_at"
    case expires = "expires_at"

    var name: StaticString {
      switch self {
      case .id: "id"
      case .metadata: "metadata"
      case .user: "user_id"
      case .created: "created_at"
      case .accessed: "accessed_at"
      case .expires: "expires_at"
      }
    }
  }

  private static let columns = KeyTable<Column>()

  /// The document of a record that ``DumpPart`` made of a row; nil of one that has none.
  func row(_ root: JSONValue, of tape: borrowing JSONTape) -> Found? {
    guard let key = tape.present(root, "key"), let value = tape.present(root, "value"),
      let row = tape.present(root, "row"), tape.kind(row) == .object
    else { return nil }
    var found = named(key, .text(tape.decoded(value)), of: tape)
    found.isUndoubled = tape.present(root, "undoubled") != nil
    var names = UniqueNames()
    var others: [UInt8] = [UInt8(ascii: "{")]
    tape.forEachMember(row) { key, value in
      guard !tape.isNull(value) else { return }
      var fit: [UInt8] = []
      found.changedCharacters += tape.appendFitJSON(value, refused: text.refused, to: &fit)
      if let column = Self.columns.field(key, of: tape) {
        found.columns.append((column.name, fit))
        return
      }
      if others.count > 1 { others.append(UInt8(ascii: ",")) }
      others.appendJSONString(names.unused(tape.decoded(key)))
      others.append(UInt8(ascii: ":"))
      others += fit
    }
    if others.count > 1 { found.beside = others + [UInt8(ascii: "}")] }
    return found
  }
}
