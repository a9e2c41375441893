internal import Foundation
internal import Pipeline

/// The checks of a target, for people and for programs.
struct DoctorText {
  private let preflight: Preflight
  private let target: String

  init(_ preflight: Preflight, target: String) {
    self.preflight = preflight
    self.target = target
  }

  /// A line a check: state, name, what was found; below it what to do.
  func lines() -> String {
    let nameWidth = preflight.checks.map(\.name.count).max() ?? 0
    let stateWidth = Preflight.Check.State.allCases.map(\.rawValue.count).max() ?? 0
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: width - text.count + 2)
    }
    let indent = String(repeating: " ", count: stateWidth + nameWidth + 4)
    return preflight.checks.map { check in
      let line =
        padded(check.state.rawValue, stateWidth) + padded(check.name, nameWidth)
        + TerminalText.safeLine(check.found) + "\n"
      return line + (check.advice.map { "\(indent)→ \(TerminalText.safeLine($0))\n" } ?? "")
    }.joined()
  }

  func json() throws -> String {
    let report = Report(
      target: target,
      checks: preflight.checks.map {
        Report.Check(
          name: $0.name, state: $0.state.rawValue, found: $0.found, advice: $0.advice)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }

  private struct Report: Encodable {
    struct Check: Encodable {
      let name: String
      let state: String
      let found: String
      let advice: String?
    }
    let target: String
    let checks: [Check]
  }
}
