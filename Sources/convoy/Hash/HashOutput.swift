internal import Archive
internal import Foundation
internal import Pipeline
internal import Synchronization

/// Writes results as they come, and knows in the end how it went.
final class HashOutput: Sendable {
  private struct Counts {
    var hashed = 0
    var unread = 0
    var mismatched = 0
    var missing = 0
    var malformedLines = 0
    var skipped: [SkipReason: Int] = [:]
  }

  private let isCheck: Bool
  private let format: HashFormat
  private let counts = Mutex(Counts())

  init(isCheck: Bool, isJSON: Bool) {
    self.isCheck = isCheck
    format = isJSON ? .json : isCheck ? .verdicts : .sums
  }

  /// Digests and verdicts go to standard output, what hinders them to standard error.
  func write(_ results: [HashResult]) throws(RunError) {
    var out: [UInt8] = []
    for result in results {
      count(result)
      if let warning = Self.warning(of: result) { warn(warning) }
      format.append(result, to: &out)
    }
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(out))
    } catch {
      throw RunError(.fileAccess, "standard output: cannot write: \(error.localizedDescription)")
    }
  }

  private func count(_ result: HashResult) {
    counts.withLock { counts in
      switch result.outcome {
      case .hashed: counts.hashed += 1
      case .skipped(let reason): counts.skipped[reason, default: 0] += 1
      case .malformedLine: counts.malformedLines += 1
      case .unreadable where result.verdict == .missing: break
      case .unreadable, .changed: counts.unread += 1
      }
      switch result.verdict {
      case .mismatch: counts.mismatched += 1
      case .missing: counts.missing += 1
      case .match, .unread, nil: break
      }
    }
  }

  private static func warning(of result: HashResult) -> String? {
    switch result.outcome {
    case .hashed, .skipped: nil
    case .unreadable(let error): error.description
    case .changed: "\(result.path.text): changed while it was read"
    case .malformedLine(let line): "\(result.path.text):\(line): not a checksum line"
    }
  }

  func warn(_ text: String) {
    FileHandle.standardError.write(Data("convoy hash: \(TerminalText.safeLine(text))\n".utf8))
  }

  /// Says what was left out or wrong, in numbers.
  ///
  /// - Returns: the exit status.
  func finish() -> Int32 {
    let counts = counts.withLock { $0 }
    let skipped = SkipReason.allCases.compactMap { reason in
      counts.skipped[reason].map { Self.counted($0, reason.rawValue) }
    }
    if !skipped.isEmpty { warn("passed over: \(skipped.joined(separator: ", "))") }
    if counts.unread > 0 { warn("not read: \(Self.counted(counts.unread, "file"))") }
    guard isCheck else {
      guard counts.unread > 0 else { return ExitStatus.done }
      return counts.hashed > 0 ? ExitStatus.rejects : ExitStatus.fileAccess
    }
    if counts.mismatched > 0 {
      warn("not what the list says: \(Self.counted(counts.mismatched, "file"))")
    }
    if counts.missing > 0 { warn("missing: \(Self.counted(counts.missing, "file"))") }
    if counts.malformedLines > 0 {
      warn("not checksum lines: \(Self.counted(counts.malformedLines, "line"))")
    }
    let isNothing = counts.hashed + counts.unread + counts.missing == 0
    if isNothing { warn("the list names no file to verify") }
    if isNothing || counts.mismatched + counts.missing + counts.malformedLines > 0 {
      return ExitStatus.budgetOrDamage
    }
    return counts.unread > 0 ? ExitStatus.rejects : ExitStatus.done
  }

  private static func counted(_ value: Int, _ noun: String) -> String {
    value == 1 ? "1 \(noun)" : "\(value) \(noun)s"
  }
}
