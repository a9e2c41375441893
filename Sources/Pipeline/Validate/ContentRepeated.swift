/// `content.repeated`: a text of some length that a message of another session has too, byte for byte.
enum ContentRepeated {
  /// Those marks of a text that are of another session than the first.
  static func broken(_ marks: ArraySlice<RunMark>) -> [RunMark] {
    let texts = marks.filter { $0.kind == .text }
    return texts.filter { $0.owner != texts[0].owner }
  }
}
