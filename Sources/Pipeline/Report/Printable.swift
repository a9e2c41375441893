extension String {
  /// The text on one line: what could move a cursor or turn a line around is written as its number.
  public var printable: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text, or as much of it as there is room for, with a mark where it was cut.
  func cut(to length: Int) -> String {
    // Counting characters walks the whole text, which may be a record's.
    let end = index(startIndex, offsetBy: length, limitedBy: endIndex)
    guard let end, end < endIndex else { return self }
    return self[..<index(before: end)] + "…"
  }

  /// The text with a capital at its beginning.
  var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
