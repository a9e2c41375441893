/// `file.missing`: a message names a file that is below none of the pipeline's file roots.
///
/// Only the file's existence is asked for. Names that lead out of the roots count as missing, and data and
/// web addresses are no files.
struct FileMissing {
  private var cache: MentionCache?

  /// Looks nowhere where there are no roots.
  init(roots: MentionRoots?) { cache = roots.map { MentionCache($0) } }

  var isAsked: Bool { cache != nil }

  /// Adds what the files of a list lead to.
  ///
  /// - Returns: how many of them are missing, and the first of those.
  mutating func check(
    _ list: JSONValue, of tape: borrowing JSONTape, into files: inout MentionedFiles
  ) -> (count: Int, first: String)? {
    var mentioned = files
    var missing: (count: Int, first: String)?
    cache?.forEach(list, of: tape) { text, value, outcome in
      mentioned.add(text, value, outcome)
      guard outcome.isMissing else { return }
      let first = missing?.first ?? String(decoding: text, as: UTF8.self)
      missing = ((missing?.count ?? 0) + 1, first)
    }
    files = mentioned
    return missing
  }
}
