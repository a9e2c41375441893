internal import Archive
internal import Synchronization

/// The rules that only the whole run can judge, and the marks its workers leave for them; the lock guards
/// the marks.
final class RunRules: Sendable {
  private let marks: Mutex<MarkLog>

  /// `directory` takes marks that are too many for memory.
  init(directory: String) { marks = Mutex(MarkLog(directory: directory)) }

  func add(_ more: [RunMark]) throws(FileError) {
    guard !more.isEmpty else { return }
    try marks.withLock { log throws(FileError) in try log.add(more) }
  }

  /// Notes what the marks of everything that was read come to.
  func findings(into log: inout FindingLog, inputs: [PlannedInput]) throws(FileError) {
    var cycles = ParentCycle()
    try marks.withLock { marks throws(FileError) in
      try marks.forEachKey { group in
        Self.judge(group, inputs, &log)
        cycles.add(group)
      }
    }
    for mark in cycles.broken() {
      log.note(
        .parentCycle, at: mark.place, field: "parent_continuation_id",
        "the session is one of its own ancestors")
    }
  }

  private static func judge(
    _ group: ArraySlice<RunMark>, _ inputs: [PlannedInput], _ log: inout FindingLog
  ) {
    func list(_ mark: RunMark) -> String { inputs[Int(mark.place.input)].dialect.messageField }
    // Most keys are of one mark, which cannot break anything but a child's.
    if group.count > 1 {
      for mark in IdRepeated.broken(group) {
        log.note(
          .idRepeated, at: mark.place, field: mark.field(list(mark)),
          "the \(mark.kind == .session ? "session" : "message") is in the input before")
      }
      for mark in IdCollision.broken(group) {
        log.note(
          .idCollision, at: mark.place, field: "continuation_id",
          "another session has this key, and another id")
      }
      for mark in ContentRepeated.broken(group) {
        log.note(
          .contentRepeated, at: mark.place, field: mark.field(list(mark)),
          "a message of another session has the same text")
      }
    }
    for mark in ParentMissing.broken(group) {
      log.note(
        .parentMissing, at: mark.place, field: "parent_continuation_id",
        "the session it continues is not in the input")
    }
  }
}

extension RunMark {
  /// The field of the record it is about; a list's name is empty where a record is a message.
  fileprivate func field(_ list: String) -> String? {
    switch kind {
    case .session, .child: nil
    case .text, .message: list.isEmpty ? "content" : "\(list)[\(other)].content"
    }
  }
}
