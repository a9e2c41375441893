/// What stood where a rejected record should have had something else: its kind, never its text.
struct ValueShape: Hashable, Sendable {
  /// What the source has there.
  enum Kind: String, Sendable, CaseIterable {
    case absent, null, boolean, number, text, list, object
    case blank = "blank text"
  }

  /// The end of the possible times that a time is beyond.
  enum Bound: Hashable, Sendable { case earliest, latest }

  var kind: Kind
  /// What tells values of the kind apart: a role's word, the year of an impossible time, of what is no time
  /// its text with digits as 9 and letters as a.
  var pattern: String?
  /// Of an impossible time.
  var bound: Bound?

  init(_ kind: Kind, pattern: String? = nil) {
    self.kind = kind
    self.pattern = pattern
  }

  init(_ value: JSONValue?, of tape: borrowing JSONTape) {
    guard let value else {
      kind = .absent
      return
    }
    kind =
      switch tape.kind(value) {
      case .object: .object
      case .array: .list
      case .key, .string: tape.isBlank(value) ? .blank : .text
      case .number: .number
      case .true_, .false_: .boolean
      case .null: .null
      }
  }

  init(_ text: DraftText, of tape: borrowing JSONTape) {
    switch text {
    case .absent: self.init(.absent)
    case .value(let value): self.init(value, of: tape)
    case .parts: self.init(.list)
    case .bytes(let bytes): self.init(bytes.isEmpty ? .blank : .text)
    }
  }

  /// `99/99/9999` of `24/12/2024`: how a time is written, not which it is; its first 32 characters.
  static func mask(_ text: [UInt8]) -> String {
    var mask = ""
    for scalar in String(decoding: text.prefix(128), as: UTF8.self).unicodeScalars.prefix(32) {
      switch scalar {
      case "0"..."9": mask.append("9")
      case "A"..."Z", "a"..."z": mask.append("a")
      case " "..."~": mask.unicodeScalars.append(scalar)
      default: mask.append("?")
      }
    }
    return mask
  }
}
