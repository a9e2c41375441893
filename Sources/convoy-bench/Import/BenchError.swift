internal import Foundation

/// Why a comparison has no result.
enum BenchError: Error, CustomStringConvertible {
  case notStarted(program: String, errno: Int32)
  case failed(command: [String], ending: ProcessEnding, output: String)
  case unreadableAnswer(command: [String], answer: String)
  case wrongRows(tool: ImportRun.Tool, expected: TableContents, found: TableContents)

  var description: String {
    switch self {
    case .notStarted(let program, let errno):
      "\(program): cannot be started (errno \(errno))"
    case .failed(let command, let ending, let output):
      "\(command.prefix(3).joined(separator: " ")): \(ending): \(output)"
    case .unreadableAnswer(let command, let answer):
      "\(command.prefix(3).joined(separator: " ")): unexpected answer: \(answer)"
    case .wrongRows(let tool, let expected, let found):
      "\(tool.rawValue): loaded \(found), expected \(expected); its time counts for nothing"
    }
  }
}

/// How a child process ended.
enum ProcessEnding: CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  var description: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .signalled(let signal): "ended by signal \(signal)"
    }
  }
}
