internal import FoundationEssentials

/// `file.missing`: a message names a file that is below none of the pipeline's file roots.
///
/// Only the file's existence is asked for. Names that lead out of the roots count as missing, and data and
/// web addresses are no files. Memory: some thousand paths a worker, so that each is asked for once.
struct FileMissing {
  private static let rememberedPaths = 4_096

  private let roots: [String]
  private var known: [String: Bool] = [:]

  init(roots: [String]) {
    self.roots = roots.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
  }

  var isAsked: Bool { !roots.isEmpty }

  /// How many of a list's files are missing, and the first of them.
  mutating func missing(
    _ list: JSONValue, of tape: borrowing JSONTape
  ) -> (count: Int, first: String)? {
    var paths: [String] = []
    tape.forEachElement(list) { element in
      guard tape.kind(element) == .string, !tape.isBlank(element) else { return }
      paths.append(String(decoding: tape.decoded(element), as: UTF8.self))
    }
    let missing = paths.filter { isMissing($0) }
    return missing.first.map { (missing.count, $0) }
  }

  private mutating func isMissing(_ path: String) -> Bool {
    if path.hasPrefix("data:") || path.contains("://") { return false }
    if let answer = known[path] { return answer }
    if known.count >= Self.rememberedPaths { known.removeAll(keepingCapacity: true) }
    let answer = !roots.contains { exists(path, below: $0) }
    known[path] = answer
    return answer
  }

  private func exists(_ path: String, below root: String) -> Bool {
    guard !path.utf8.contains(0) else { return false }
    // Windows paths were written too: C:\Users\a.txt is looked for as Users/a.txt.
    var parts = path.replacing("\\", with: "/").split(separator: "/")
    if parts.first?.last == ":" { parts.removeFirst() }
    guard !parts.contains("..") else { return false }
    let names = parts.filter { $0 != "." }.joined(separator: "/")
    guard !names.isEmpty else { return false }
    let files = FileManager.default
    return files.fileExists(atPath: "\(root)/\(names)")
      || path.hasPrefix("\(root)/") && files.fileExists(atPath: path)
  }
}
