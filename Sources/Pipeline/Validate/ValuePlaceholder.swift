/// `value.placeholder`: the example of an API's documentation in place of a value.
///
/// Swagger UI fills forms with `string`, `additionalProp1` and one UUID, Redoc with one UUID and one time.
enum ValuePlaceholder {
  private static let words: [StaticString] = [
    "string", "3fa85f64-5717-4562-b3fc-2c963f66afa6", "497f6eca-6276-4993-bfeb-53cbbbba6f08",
    "2019-08-24T14:15:22Z",
  ]

  /// Whether a value is a placeholder, or an object whose first member has one for a name.
  static func isBroken(by value: JSONValue, of tape: borrowing JSONTape) -> Bool {
    switch tape.kind(value) {
    case .string: return isWord(value, tape)
    case .object:
      let first = JSONValue(index: value.index + 1)
      guard tape.range(value).count > 17, tape.kind(first) == .key else { return false }
      return tape.equals(first, "additionalProp1")
    default: return false
    }
  }

  static func isBroken(by text: DraftText, of tape: borrowing JSONTape) -> Bool {
    guard case .value(let value) = text else { return false }
    return tape.kind(value) == .string && isWord(value, tape)
  }

  private static func isWord(_ value: JSONValue, _ tape: borrowing JSONTape) -> Bool {
    switch tape.range(value).count {
    case 6, 20, 36: return words.contains { tape.equals(value, $0) }
    default: return false
    }
  }
}
