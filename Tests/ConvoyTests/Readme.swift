internal import Foundation
internal import Testing

/// README.md, taken apart as far as its tests need.
struct Readme {
  private let lines: [String]

  init() throws {
    lines = try Checkout.text("README.md").components(separatedBy: "\n")
  }

  /// Contents of the fenced blocks of a language, in order.
  func blocks(_ language: String) -> [String] {
    var found: [String] = []
    var block: [String]?
    for line in lines {
      if let open = block {
        if line == "```" {
          found.append(open.joined(separator: "\n"))
          block = nil
        } else {
          block = open + [line]
        }
      } else if line == "```\(language)" {
        block = []
      }
    }
    return found
  }

  /// Rows of a section's first or last table, heads left out.
  func table(_ section: String, last: Bool = false) throws -> [[String]] {
    let tables = tables(section)
    return try #require(last ? tables.last : tables.first)
  }

  /// Rows of all tables of a section.
  func tableRows(_ section: String) -> [[String]] { tables(section).flatMap(\.self) }

  private func tables(_ section: String) -> [[[String]]] {
    let body = lines.drop { $0 != "### \(section)" }.dropFirst().prefix { !$0.hasPrefix("#") }
    return body.split { !$0.hasPrefix("|") }.map { rows in rows.dropFirst(2).map(Self.cells) }
  }

  private static func cells(_ row: String) -> [String] {
    row.dropFirst().dropLast().replacing("\\|", with: "\u{0}").split(
      separator: "|", omittingEmptySubsequences: false
    ).map {
      $0.trimmingCharacters(in: .whitespaces).replacing("\u{0}", with: "\\|")
    }
  }

  /// Text as a table shows a value; nothing for an empty one.
  static func code(_ text: String) -> String { text.isEmpty ? "" : "`\(text)`" }

  /// A value without the marks a table shows it in.
  static func plain(_ cell: String) -> String { cell.trimmingCharacters(in: ["`"]) }
}
