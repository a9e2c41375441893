internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct SchemaStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell which migrations the target has.",
    discussion: """
      Exit status: 0 told, whatever the states are; 1 failed, 64 usage, 69 database unreachable.
      """)

  @OptionGroup var target: TargetOption

  @Flag(name: .long, help: "Print one JSON object instead of a table.")
  var json = false

  func run() async throws {
    try await reporting("schema status") {
      let choice = try target.choice()
      let state = try SchemaState(await target.connect())
      if json {
        try printJSON(state, target: choice.description)
      } else {
        printTable(state)
        SchemaCommand.warn(state)
      }
    }
  }

  private func printTable(_ state: SchemaState) {
    let present =
      state.missingTables.isEmpty
      ? "present" : "missing: " + state.missingTables.joined(separator: ", ")
    var rows = [("migration", "version", "state"), ("(baseline)", "-", present)]
    for entry in state.entries {
      var text = "\(entry.state)"
      if case .applied(entry.migration.version) = entry.state { text = "applied" }
      rows.append((entry.migration.name, entry.migration.version, text))
    }
    let width = rows.map(\.0.count).max() ?? 0
    for (name, version, text) in rows {
      print(
        name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
          + version.padding(toLength: 16, withPad: " ", startingAt: 0) + text)
    }
  }

  private func printJSON(_ state: SchemaState, target: String) throws {
    let report = Report(
      target: target, missingTables: state.missingTables, warnings: state.warnings,
      migrations: state.entries.map { entry in
        let (word, version, details) = entry.state.parts
        return Report.Row(
          name: entry.migration.name, version: entry.migration.version, state: word,
          recordedVersion: version, details: details)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  private struct Report: Encodable {
    struct Row: Encodable {
      let name: String
      let version: String
      let state: String
      let recordedVersion: String?
      let details: [String]
    }
    let target: String
    let missingTables: [String]
    let warnings: [String]
    let migrations: [Row]
  }
}

extension SchemaState.State {
  fileprivate var parts: (word: String, version: String?, details: [String]) {
    switch self {
    case .applied(let version): ("applied", version, [])
    case .missing: ("missing", nil, [])
    case .unrecorded: ("unrecorded", nil, [])
    case .differs(let differences): ("differs", nil, differences)
    case .lost(let version, let missing): ("lost", version, missing)
    case .versionTaken(let name): ("versionTaken", nil, [name])
    }
  }
}
