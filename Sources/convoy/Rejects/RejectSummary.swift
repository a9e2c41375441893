internal import Foundation
internal import Pipeline

/// The rejects of a file, counted by what is wrong with them.
struct RejectSummary {
  /// Rejects that say the same of different records.
  struct Group: Encodable {
    struct Place: Encodable {
      var file: String
      var line: Int
    }

    var rule: String
    var title: String
    var advice: String?
    var sqlstate: String?
    var constraint: String?
    var sessions = 0
    var messages = 0
    var files = 0
    /// Of the first one.
    var message: String
    /// Of the first few.
    var places: [Place] = []

    var total: Int { sessions + messages + files }
  }

  /// One reject without its record.
  struct Line: Encodable {
    /// Line in the file of rejects.
    var number: Int
    var file: String
    var line: Int
    var byteOffset: Int
    var kind: String
    var rule: String
    var field: String?
    var message: String
    var sqlstate: String?
    var constraint: String?
    var column: String?
  }

  struct Damage: Encodable {
    var line: Int
    var reason: String
  }

  private struct Key: Hashable {
    var rule: Rule
    var sqlState: String?
    var constraint: String?
  }

  private static let placeLimit = 3

  let file: String
  private(set) var total = 0
  /// The most frequent first.
  private(set) var groups: [Group] = []
  private(set) var lines: [Line] = []
  private(set) var damages: [Damage] = []

  /// Reads a file of rejects; memory is what is kept of it.
  ///
  /// - Throws: ``RunError`` of kind `fileAccess`.
  init(_ file: String, only rule: Rule?, limit: Int) throws {
    self.file = file
    var numbers: [Key: Int] = [:]
    do {
      var reader = try RejectFile.read(file)
      var number = 0
      while true {
        number += 1
        do {
          guard let reject = try reader.next() else { break }
          guard rule == nil || reject.rule == rule else { continue }
          add(reject, number, limit, &numbers)
        } catch let damage as RejectDamage {
          damages.append(Damage(line: damage.line, reason: damage.reason))
        }
      }
    } catch {
      throw RunError(.fileAccess, "\(error)")
    }
    // Equal counts stay in the order of the file.
    groups = groups.enumerated().sorted {
      ($1.element.total, $0.offset) < ($0.element.total, $1.offset)
    }.map(\.element)
  }

  private mutating func add(
    _ reject: Reject, _ number: Int, _ limit: Int, _ numbers: inout [Key: Int]
  ) {
    total += 1
    let key = Key(
      rule: reject.rule, sqlState: reject.sqlState, constraint: reject.constraint)
    let index = numbers[key] ?? groups.count
    if index == groups.count {
      numbers[key] = index
      groups.append(
        Group(
          rule: reject.rule.rawValue, title: reject.rule.title, advice: reject.rule.advice,
          sqlstate: reject.sqlState, constraint: reject.constraint, message: reject.message))
    }
    switch reject.kind {
    case .session: groups[index].sessions += 1
    case .message: groups[index].messages += 1
    case .file: groups[index].files += 1
    }
    if groups[index].places.count < Self.placeLimit {
      groups[index].places.append(.init(file: reject.input, line: reject.place.line))
    }
    guard lines.count < limit else { return }
    lines.append(
      Line(
        number: number, file: reject.input, line: reject.place.line,
        byteOffset: reject.place.byteOffset, kind: reject.kind.rawValue,
        rule: reject.rule.rawValue, field: reject.field, message: reject.message,
        sqlstate: reject.sqlState, constraint: reject.constraint, column: reject.column))
  }
}

/// The two forms it is printed in.
extension RejectSummary {
  private struct Report: Encodable {
    var file: String
    var total: Int
    var groups: [Group]
    var lines: [Line]
    var damaged: [Damage]
  }

  /// One JSON object and a line end.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let report = Report(
      file: file, total: total, groups: groups, lines: lines, damaged: damages)
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }

  /// Groups, then lines; texts of the data are made safe for a terminal.
  var text: String {
    var out = "\(safe(file)): \(counted(total, "reject"))\n"
    for group in groups { out += "\n" + text(of: group) }
    if !lines.isEmpty {
      out += "\n"
      let width = lines.map { "\($0.number)".count }.max() ?? 0
      for line in lines { out += text(of: line, width) }
      if total > lines.count { out += "… and \(total - lines.count) more; --limit shows them\n" }
    }
    if !damages.isEmpty {
      out += "\n\(counted(damages.count, "line")) that cannot be read:\n"
      for damage in damages { out += "  \(safe(file)):\(damage.line)  \(safe(damage.reason))\n" }
    }
    return out
  }

  private func text(of group: Group) -> String {
    let kinds = [
      (group.sessions, "session"), (group.messages, "message"), (group.files, "file"),
    ].filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
    let cause = [group.sqlstate, group.constraint].compactMap { $0 }.map(safe)
    var out =
      ([group.rule] + cause).joined(separator: " ") + ": \(group.title), "
      + kinds.joined(separator: " and ") + "\n"
    out += "  \(safe(group.message))\n"
    let places = group.places.map { "\(safe($0.file)):\($0.line)" }
    let rest = group.total > places.count ? ", …" : ""
    out += "  at \(places.joined(separator: ", "))\(rest)\n"
    if let advice = group.advice { out += "  \(advice)\n" }
    return out
  }

  private func text(of line: Line, _ width: Int) -> String {
    let number = String(repeating: " ", count: width - "\(line.number)".count) + "\(line.number)"
    let field = line.field.map { " \(safe($0))" } ?? ""
    return "\(number)  \(safe(line.file)):\(line.line)  \(line.kind)  \(line.rule)\(field)"
      + ": \(safe(line.message))\n"
  }

  private func safe(_ text: String) -> String { TerminalText.safeLine(text) }

  private func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
  }
}
