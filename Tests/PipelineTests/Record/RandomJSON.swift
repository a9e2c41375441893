/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// A JSON value that knows its own canonical text, without the code under test.
indirect enum RandomJSON {
  case literal(String)
  case string([UnicodeScalar])
  case array([RandomJSON])
  case object([(key: [UnicodeScalar], value: RandomJSON)])

  private static let scalars: [UnicodeScalar] = [
    "a", "b", "Z", "0", " ", "\"", "\\", "/", "\u{8}", "\u{C}", "\n", "\r", "\t", "\u{1}", "\u{1F}",
    "\u{7F}",
    "é", "\u{2028}", "☃", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{FFFF}", "😀", "\u{10FFFF}", "{",
    "]", ",", ":",
  ]
  private static let literals = [
    "null", "true", "false", "0", "-0", "12", "-3.50", "1e5", "6.02E+23", "0.1e-7",
    "12345678901234567890",
  ]

  static func make(_ depth: Int, _ numbers: inout SeededNumbers) -> RandomJSON {
    switch Int.random(in: 0..<(depth > 0 ? 6 : 3), using: &numbers) {
    case 0: .literal(literals.randomElement(using: &numbers) ?? "null")
    case 1, 2: .string(word(&numbers))
    case 3, 4:
      .object(
        (0..<Int.random(in: 0...4, using: &numbers)).map { _ in
          (word(&numbers), make(depth - 1, &numbers))
        })
    default:
      .array((0..<Int.random(in: 0...4, using: &numbers)).map { _ in make(depth - 1, &numbers) })
    }
  }

  private static func word(_ numbers: inout SeededNumbers) -> [UnicodeScalar] {
    (0..<Int.random(in: 0...5, using: &numbers)).map { _ in
      scalars.randomElement(using: &numbers) ?? "a"
    }
  }

  /// JSON text with white space and escapes chosen at random.
  func written(_ numbers: inout SeededNumbers) -> String {
    let space = { (numbers: inout SeededNumbers) in
      ["", "", "", " ", "\n", "\r\n", "\t "].randomElement(using: &numbers) ?? ""
    }
    switch self {
    case .literal(let text): return space(&numbers) + text + space(&numbers)
    case .string(let word): return space(&numbers) + Self.quoted(word, &numbers) + space(&numbers)
    case .array(let elements):
      let texts = elements.map { $0.written(&numbers) }
      return "[" + (texts.isEmpty ? space(&numbers) : texts.joined(separator: ",")) + "]"
    case .object(let members):
      let texts = members.map { member in
        RandomJSON.string(member.key).written(&numbers) + ":" + member.value.written(&numbers)
      }
      return space(&numbers) + "{"
        + (texts.isEmpty ? space(&numbers) : texts.joined(separator: ",")) + "}"
    }
  }

  private static func quoted(_ word: [UnicodeScalar], _ numbers: inout SeededNumbers) -> String {
    var out = "\""
    for scalar in word {
      let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
      switch Int.random(in: 0..<3, using: &numbers) {
      case 0 where !mustEscape: out.unicodeScalars.append(scalar)
      case 1 where short[scalar] != nil: out += short[scalar] ?? ""
      default:
        for unit in String(Character(scalar)).utf16 {
          let digits = String(unit, radix: 16, uppercase: Bool.random(using: &numbers))
          out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return out + "\""
  }

  private static let short: [UnicodeScalar: String] = [
    "\"": "\\\"", "\\": "\\\\", "/": "\\/", "\u{8}": "\\b", "\u{C}": "\\f", "\n": "\\n",
    "\r": "\\r", "\t": "\\t",
  ]

  /// The canonical text as the ids' documentation has it.
  var canonical: String {
    switch self {
    case .literal(let text): return text
    case .string(let word): return Self.canonical(word)
    case .array(let elements): return "[" + elements.map(\.canonical).joined(separator: ",") + "]"
    case .object(let members):
      let sorted = members.enumerated().sorted { left, right in
        let (first, second) = (Self.utf8(left.element.key), Self.utf8(right.element.key))
        return first == second
          ? left.offset < right.offset : first.lexicographicallyPrecedes(second)
      }
      let texts = sorted.map { Self.canonical($0.element.key) + ":" + $0.element.value.canonical }
      return "{" + texts.joined(separator: ",") + "}"
    }
  }

  private static func utf8(_ word: [UnicodeScalar]) -> [UInt8] {
    word.flatMap { Array(Character($0).utf8) }
  }

  private static func canonical(_ word: [UnicodeScalar]) -> String {
    var out = "\""
    for scalar in word {
      if let escape = short[scalar], scalar != "/" {
        out += escape
      } else if scalar.value < 0x20 {
        out += scalar.value < 0x10 ? "\\u000" : "\\u00"
        out += String(scalar.value, radix: 16)
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
