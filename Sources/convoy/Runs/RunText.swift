internal import Foundation
internal import Pipeline

/// Runs of the ledger, for a person and for a program.
enum RunText {
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// One line a run.
  static func table(_ runs: [RunRecord]) -> String {
    guard !runs.isEmpty else { return "no runs\n" }
    let hasFiles = runs.contains { ($0.counts?.files.read ?? 0) > 0 }
    var rows = [
      ["run", "pipeline", "started", "took", "outcome", "sessions", "messages"]
        + (hasFiles ? ["files"] : []) + ["rejected"]
    ]
    for run in runs {
      let counts = run.counts
      let files = hasFiles ? [counts.map { "\($0.files.read)" } ?? "-"] : []
      let cells = [
        String(run.id.prefix(8)), TerminalText.safeLine(run.pipeline), run.startedAt,
        run.seconds.map(duration) ?? "-", run.outcome,
        counts.map { "\($0.sessions.read)" } ?? "-", counts.map { "\($0.messages.read)" } ?? "-",
      ]
      rows.append(
        cells + files + [
          counts.map { "\($0.sessions.rejected + $0.messages.rejected + $0.files.rejected)" } ?? "-"
        ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column < 5 ? row[column] + padding : padding + row[column]
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }

  /// Everything the ledger knows of one run.
  static func page(_ run: RunRecord) -> String {
    var rows = [
      ("run", run.id), ("pipeline", TerminalText.safeLine(run.pipeline)), ("work", run.work),
      ("version", TerminalText.safeLine(run.version)), ("started", run.startedAt),
      ("finished", run.finishedAt ?? "-"), ("took", run.seconds.map(duration) ?? "-"),
      ("outcome", run.outcome),
    ]
    if let counts = run.counts {
      for (kind, counts) in [
        ("sessions", counts.sessions), ("messages", counts.messages), ("files", counts.files),
      ] where kind != "files" || counts.read > 0 {
        rows.append(
          (
            kind,
            "\(counts.read) read, \(counts.inserted) inserted, \(counts.updated) updated, "
              + "\(counts.unchanged) unchanged, \(counts.merged) merged, "
              + "\(counts.filtered) filtered, \(counts.rejected) rejected"
          ))
      }
    }
    if let batches = run.batches {
      rows.append(
        (
          "batches",
          "\(batches.total), \(batches.committed) committed, "
            + "\(batches.alreadyCommitted) committed earlier, \(batches.merged) merged"
        ))
    }
    rows.append(
      (
        "ledger",
        "batches kept \(run.ledger.batches), with rows of sessions \(run.ledger.sessions), "
          + "of messages \(run.ledger.messages)"
      ))
    for (number, input) in run.inputs.enumerated() {
      rows.append((number == 0 ? "inputs" : "", TerminalText.safeLine(input)))
    }
    if run.inputCount > run.inputs.count {
      rows.append(("", "… and \(run.inputCount - run.inputs.count) more"))
    }
    return rows.map { name, value in
      name + String(repeating: " ", count: 10 - name.count) + value + "\n"
    }.joined()
  }

  private static func duration(_ seconds: Double) -> String {
    guard seconds >= 60 else { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds)
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
