internal import Foundation

/// Text from the database as a terminal may safely get it.
enum TerminalText {
  /// Text with its newlines and tabs kept and every other control character spelled out.
  ///
  /// A message may hold escape codes that would move the cursor, change the title or worse. Marks
  /// that reverse the direction of writing are spelled out too, as they hide what a line says.
  static func safe(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    var scalars = text.unicodeScalars.makeIterator()
    var pending = scalars.next()
    while let scalar = pending {
      pending = scalars.next()
      // A line end of Windows is a line end.
      if scalar == "\r", pending == "\n" { continue }
      if isHarmless(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      }
    }
    return result
  }

  /// As ``safe(_:)``, on one line.
  static func safeLine(_ text: String) -> String {
    safe(text).split(whereSeparator: { $0 == "\n" || $0 == "\t" }).joined(separator: " ")
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x09: true
    case 0x00...0x1F, 0x7F...0x9F: false
    case 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: false
    default: true
    }
  }

  /// Cuts text into lines of at most `width` columns, at spaces where there are any.
  ///
  /// - Parameters:
  ///   - text: made safe already; its newlines stay.
  ///   - width: columns; nil cuts nowhere but at the newlines.
  /// - Returns: the lines; their characters are those of `text`, but for the spaces at which a
  ///   line was cut.
  static func lines(_ text: String, width: Int?) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      width.map { wrapped(line, width: max($0, 8)) } ?? [line]
    }
  }

  private static func wrapped(_ line: Substring, width: Int) -> [Substring] {
    var lines: [Substring] = []
    var start = line.startIndex
    var columns = 0
    var lastSpace: Substring.Index?
    var index = line.startIndex
    while index < line.endIndex {
      let character = line[index]
      columns += character == "\t" ? 8 - columns % 8 : self.columns(of: character)
      if columns > width, index > start {
        let end = lastSpace ?? index
        lines.append(line[start..<end])
        start = lastSpace.map { line.index(after: $0) } ?? index
        index = start
        columns = 0
        lastSpace = nil
        continue
      }
      if character == " ", index > start { lastSpace = index }
      index = line.index(after: index)
    }
    lines.append(line[start...])
    return lines
  }

  /// Columns a character takes; East Asian wide characters and emoji take two.
  private static func columns(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0..<0x1100: return 1
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return scalar.properties.isEmojiPresentation ? 2 : 1
    }
  }

  /// Columns of the terminal on standard output; nil when it is none.
  static func terminalColumns() -> Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}
