internal import Archive
internal import Synchronization

/// Contents of files in the order they were asked for, as the hasher delivers them; the lock guards both.
final class HashedFiles: Sendable {
  struct Problem {
    let rule: Rule
    let message: String
  }

  private struct State {
    var contents: [HashedContent?] = []
    var problems: [Int: Problem] = [:]
  }

  private let state = Mutex(State())

  var all: (contents: [HashedContent?], problems: [Int: Problem]) {
    state.withLock { ($0.contents, $0.problems) }
  }

  func add(_ results: [HashResult]) {
    state.withLock { state in
      for result in results {
        switch result.outcome {
        case .hashed(let content):
          state.contents.append(content)
          continue
        case .changed:
          state.problems[state.contents.count] = Problem(
            rule: .fileChanged, message: "\(result.pathText): changed while it was read")
        case .unreadable(let error):
          state.problems[state.contents.count] = Problem(
            rule: .fileUnreadable, message: error.description)
        case .skipped, .malformedLine:
          state.problems[state.contents.count] = Problem(
            rule: .fileUnreadable, message: "\(result.pathText): no regular file")
        }
        state.contents.append(nil)
      }
    }
  }
}
