internal import ArgumentParser
internal import Pipeline

/// The program's exit statuses; README and each command's help list the same ones.
enum ExitStatus {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  static let rejects: Int32 = 3
  static let usage: Int32 = 64
  static let budgetOrDamage: Int32 = 65
  static let unreachable: Int32 = 69
  static let fileAccess: Int32 = 74
  static let locked: Int32 = 75
  static let badPipeline: Int32 = 78

  static func of(_ kind: RunError.Kind) -> Int32 {
    switch kind {
    case .failed: failed
    case .badPipeline: badPipeline
    case .fileAccess: fileAccess
    case .unreachable: unreachable
    case .locked: locked
    case .overBudget, .unforeseen: budgetOrDamage
    case .interrupted(let signal): 128 + signal
    }
  }
}
