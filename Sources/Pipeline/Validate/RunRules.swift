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

  /// Notes sessions that several dialects of the run have, which a run with a target finds there.
  ///
  /// - Returns: how many sessions of each input an earlier dialect has.
  func noteOtherSources(
    into log: inout FindingLog, inputs: [PlannedInput]
  ) throws(FileError) -> [Int32: Int] {
    var merged: [Int32: Int] = [:]
    guard SourceFormat.phases(of: inputs.map(\.dialect)).count > 1 else { return merged }
    try marks.withLock { marks throws(FileError) in
      try marks.forEachKey { group in
        guard group.count > 1 else { return }
        let sessions = group.filter { $0.kind == .session }
        for marks in Self.ofEachDialect(sessions[...], inputs).dropFirst() {
          guard let mark = marks.first else { continue }
          // Those of one id are counted as repeated ones already.
          var owners: Set<UInt64> = []
          for mark in marks where owners.insert(mark.owner).inserted {
            merged[mark.place.input, default: 0] += 1
          }
          log.note(
            .sessionOtherSource, at: mark.place, field: "continuation_id",
            "another source of this run has it too; messages both have are counted as merged")
        }
      }
    }
    return merged
  }

  /// The marks in their order, those of each dialect by themselves, as the run loads these.
  private static func ofEachDialect(
    _ group: ArraySlice<RunMark>, _ inputs: [PlannedInput]
  ) -> [ArraySlice<RunMark>] {
    func dialect(_ mark: RunMark) -> SourceFormat { inputs[Int(mark.place.input)].dialect }
    guard let first = group.first.map(dialect), group.contains(where: { dialect($0) != first })
    else { return [group] }
    return SourceFormat.phases(of: group.map(dialect)).map { dialects in
      group.filter { dialects.contains(dialect($0)) }[...]
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
      // Of each source by itself: another one's copy of a session has another id, and that one's messages.
      for marks in ofEachDialect(group, inputs) {
        for mark in IdCollision.broken(marks) {
          log.note(
            .idCollision, at: mark.place, field: "continuation_id",
            "another session has this key, and another id")
        }
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
