/// `id.repeated`: a session, or a message of the chat history, is in the input more than once.
///
/// The rows are the same by their ids, so the copies are merged; `load.conflict` says which state stays.
enum IdRepeated {
  /// Those marks of a session's key, or a message's id, that another one before says already.
  static func broken(_ marks: ArraySlice<RunMark>) -> [RunMark] {
    var seen: Set<UInt64> = []
    return marks.filter { mark in
      switch mark.kind {
      case .session, .message: !seen.insert(mark.owner).inserted
      case .child, .text: false
      }
    }
  }
}
