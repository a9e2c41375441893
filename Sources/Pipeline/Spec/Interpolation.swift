/// Text with its `${VAR}`, `${VAR:-default}` and `$$` replaced.
struct Interpolation: Sendable, Hashable {
  /// The text to use.
  let text: String
  /// What the file itself says: `text` without what came from variables, but with every default, used or not.
  let written: String
  /// Whether any of `text` came from a variable or from its default.
  let hasVariable: Bool

  struct Problem: Error, Sendable, Hashable {
    let text: String
  }

  /// Replaces the variables of `source`; as in a shell, `:-` also covers a variable that is set but empty.
  init(_ source: String, environment: [String: String]) throws(Problem) {
    var (text, written, hasVariable) = ("", "", false)
    var rest = source[...]
    while let dollar = rest.firstIndex(of: "$") {
      text += rest[..<dollar]
      written += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      switch rest.first {
      case "$":
        rest = rest.dropFirst()
        text += "$"
        written += "$"
      case "{":
        guard let end = rest.firstIndex(of: "}") else {
          throw Problem(text: "has ${ without }; write $$ for a plain $")
        }
        let reference = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let (name, fallback) = try Interpolation.split(reference)
        hasVariable = true
        written += fallback ?? ""
        let value = environment[String(name)]
        if let fallback, value ?? "" == "" {
          text += fallback
        } else if let value {
          text += value
        } else {
          throw Problem(text: "needs variable \(name), which is not set")
        }
      default:
        text += "$"
        written += "$"
      }
    }
    self.text = text + rest
    self.written = written + rest
    self.hasVariable = hasVariable
  }

  private static func split(
    _ reference: Substring
  ) throws(Problem) -> (name: Substring, fallback: Substring?) {
    let name = reference.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let rest = reference.dropFirst(name.count)
    let isName = name.first.map { !$0.isNumber } ?? false
    guard isName, rest.isEmpty || rest.hasPrefix(":-"), !rest.contains("${") else {
      throw Problem(text: "has a variable that is not ${NAME} or ${NAME:-default}")
    }
    return (name, rest.isEmpty ? nil : rest.dropFirst(2))
  }
}
