internal import Pipeline

/// What a file is, as a line for people.
struct DetectionLine {
  let detection: Detection

  /// What it is, how sure that is, the path, and what tells, a tab between each two.
  var text: String {
    let reason =
      // An error names the path first, which stands there already.
      detection.reason.hasPrefix(detection.path + ": ")
      ? String(detection.reason.dropFirst(detection.path.count + 2)) : detection.reason
    return [
      name, detection.confidence.rawValue, TerminalText.safeLine(detection.path),
      TerminalText.safeLine(reason),
    ].joined(separator: "\t")
  }

  private var name: String {
    switch detection.finding {
    case .conversations(let dialect): dialect.rawValue
    case .other: "none"
    case .unreadable: "unreadable"
    }
  }
}
