/// `parent.missing`: a session continues one that is not in the input.
enum ParentMissing {
  /// The children among the marks of a key that no session has.
  static func broken(_ marks: ArraySlice<RunMark>) -> [RunMark] {
    guard !marks.contains(where: { $0.kind == .session }) else { return [] }
    return marks.filter { $0.kind == .child }
  }
}
