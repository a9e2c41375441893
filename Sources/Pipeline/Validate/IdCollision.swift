/// `id.collision`: sessions of different ids have one key, or keys that differ only as spellings of a UUID.
///
/// The id of a session hangs on its key as written and on its own time: the same thread with another
/// creation time is such a case. A target takes one session of a `continuation_id`.
enum IdCollision {
  /// Those marks of a session's key whose id is not the first one's, each id once.
  static func broken(_ marks: ArraySlice<RunMark>) -> [RunMark] {
    var seen: Set<UInt64> = []
    let new = marks.filter { $0.kind == .session && seen.insert($0.owner).inserted }
    return Array(new.dropFirst())
  }
}
