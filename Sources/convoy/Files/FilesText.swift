internal import Foundation
internal import Pipeline

/// What a comparison of files found, for a person and for programs.
enum FilesText {
  /// A line for each problem, and one for all.
  static func text(_ outcome: FilesVerification.Outcome) -> String {
    let lines = outcome.problems.map { problem in
      var line = [problem.kind.rawValue, problem.path]
      switch (problem.rowBytes, problem.objectBytes) {
      case (let row?, let object?) where row != object:
        line.append("\(object) bytes, the row says \(row)")
      case (_, let bytes?), (let bytes?, nil): line.append("\(bytes) bytes")
      case (nil, nil): break
      }
      if let repair = problem.repair { line.append(repair.rawValue) }
      return line.joined(separator: "  ") + "\n"
    }
    return lines.joined() + summary(outcome)
  }

  private static func summary(_ outcome: FilesVerification.Outcome) -> String {
    let left = outcome.problems.count { !$0.isSettled }
    var text =
      "\(left == 0 ? "in step" : "not in step"): \(outcome.rows) rows, \(outcome.objects) objects, "
      + ArchiveText.size(outcome.bytes)
    if outcome.objectsRead > 0 {
      text += "; \(outcome.objectsRead) read, \(ArchiveText.size(outcome.bytesRead))"
    }
    if outcome.rowsWithoutDigest > 0 {
      text += "; \(outcome.rowsWithoutDigest) rows without a digest"
    }
    if !outcome.problems.isEmpty {
      text += "; \(outcome.problems.count) problems, \(outcome.problems.count - left) settled"
    }
    return text + "\n"
  }

  /// One object, with every problem.
  static func json(_ outcome: FilesVerification.Outcome) -> String {
    struct Result: Encodable {
      let schema = "convoy.files.verify/1"
      let isInStep: Bool
      let rows, objects, bytes, objectsRead, bytesRead, rowsWithoutDigest: Int
      let problems: [StoredFileProblem]
    }
    return ArchiveText.encoded(
      Result(
        isInStep: outcome.problems.allSatisfy(\.isSettled), rows: outcome.rows,
        objects: outcome.objects, bytes: outcome.bytes, objectsRead: outcome.objectsRead,
        bytesRead: outcome.bytesRead, rowsWithoutDigest: outcome.rowsWithoutDigest,
        problems: outcome.problems))
  }
}
