internal import Foundation

/// JSON found inside a text, one member a line, indented as `jsonb_pretty` does it.
///
/// Only white space changes: numbers keep their digits, and members their order.
struct IndentedJSON {
  /// The indented text.
  private(set) var text = ""
  private var depth = 0

  /// Indents an object or an array; nil when the text is neither.
  init?(_ source: String) {
    let first = source.unicodeScalars.first { !Self.isSpace($0) }
    guard first == "{" || first == "[" else { return nil }
    do {
      _ = try JSONSerialization.jsonObject(with: Data(source.utf8))
    } catch {
      return nil
    }
    indent(source)
  }

  private mutating func indent(_ source: String) {
    var isInString = false
    var isEscaped = false
    for scalar in source.unicodeScalars {
      if isInString {
        text.unicodeScalars.append(scalar)
        if isEscaped {
          isEscaped = false
        } else if scalar == "\\" {
          isEscaped = true
        } else if scalar == "\"" {
          isInString = false
        }
        continue
      }
      if Self.isSpace(scalar) { continue }
      append(scalar)
      if scalar == "\"" { isInString = true }
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "{", "[":
      text.unicodeScalars.append(scalar)
      depth += 1
      breakLine()
    case "}", "]":
      depth -= 1
      if text.last == " " || text.last == "\n" {
        // Nothing stands in it: the line begun for its first member is given back.
        while text.last == " " { text.removeLast() }
        text.removeLast()
      } else {
        breakLine()
      }
      text.unicodeScalars.append(scalar)
    case ",":
      text.unicodeScalars.append(scalar)
      breakLine()
    case ":":
      text += ": "
    default:
      text.unicodeScalars.append(scalar)
    }
  }

  private mutating func breakLine() {
    text += "\n" + String(repeating: " ", count: 4 * depth)
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t"
  }
}
