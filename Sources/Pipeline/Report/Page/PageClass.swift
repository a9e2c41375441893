/// The classes the report's style sheet knows.
enum PageClass: String {
  case eyebrow, lead, muted, note, figures, losses, scroll, number, path, bar, chart, axis
  case cluster, change, facts, grid, tables, samples, badge, skip, ok
  case error, warning, info
  case answerYes = "verdict ok"
  case answerLosses = "verdict warning"
  case answerNo = "verdict error"
  case answerUnknown = "verdict info"
  case badgeError = "badge error"
  case badgeWarning = "badge warning"
  case badgeInfo = "badge info"
  case inserted, updated, unchanged, merged, filtered, rejected

  init(_ answer: RunReport.Answer) {
    self =
      switch answer {
      case .yes: .answerYes
      case .yesWithLosses: .answerLosses
      case .no: .answerNo
      case .unknown: .answerUnknown
      }
  }

  init(badge severity: Severity) {
    self =
      switch severity {
      case .error: .badgeError
      case .warning: .badgeWarning
      case .info: .badgeInfo
      }
  }

  init(_ severity: Severity) {
    self =
      switch severity {
      case .error: .error
      case .warning: .warning
      case .info: .info
      }
  }
}

/// The sections of the page, in their order; raw values are ids that links go to.
enum PageSection: String, CaseIterable {
  case balance, rejects, findings, differences, timeline, contents, inputs, mapping, measures

  var title: String {
    switch self {
    case .balance: "Balance"
    case .rejects: "Rejects"
    case .findings: "Findings"
    case .differences: "Since the last report"
    case .timeline: "Timeline"
    case .contents: "Contents"
    case .inputs: "Inputs"
    case .mapping: "Mapping"
    case .measures: "Size and time"
    }
  }
}
