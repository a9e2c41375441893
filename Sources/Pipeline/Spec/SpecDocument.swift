internal import Foundation
internal import Yams

/// YAML text made into a tree whose every value knows its line and key path.
///
/// Yams names a repeated key without its path, and only the first mapping that has one. So a repeated key
/// is renamed in the text and the text composed again, until the tree holds all of them.
struct SpecDocument {
  private(set) var root: SpecNode?
  private(set) var errors: [SpecError] = []
  private let file: String
  private let override: String?
  /// Marks a renamed key; a private-use character no key has.
  private static let renameMark: Unicode.Scalar = "\u{F8FF}"
  /// What YAML 1.1 counts as the end of a line.
  private static let lineEnds: Set<Unicode.Scalar> = ["\n", "\u{85}", "\u{2028}", "\u{2029}"]
  private static let renameLimit = 64

  /// Reads `text`; when no tree could be made there is at least one error, unless `text` holds nothing.
  ///
  /// `override` is the key path of a `--set`, which then is the place of everything in it.
  init(_ text: String, file: String, override: String? = nil) {
    self.file = file
    self.override = override
    let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    var scalars = Array(lines.unicodeScalars)
    for _ in 0..<SpecDocument.renameLimit {
      do {
        let yaml = String(String.UnicodeScalarView(scalars))
        guard let node = try Yams.compose(yaml: yaml) else { return }
        root = convert(node, keyPath: override ?? "", keyMark: nil)
        return
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        if SpecDocument.rename(keys, at: context.mark, in: &scalars) { continue }
        // Anchors, tags and escapes before or in a key: the line and the name are all that is known.
        let names = keys.map(SpecDocument.withoutRenameMarks).filter { !$0.contains("@") }
        refuse(
          context.mark.line, context.mark.column,
          "has a key more than once: \(names.joined(separator: ", "))")
        return
      } catch {
        refuse(syntax: error, in: lines)
        return
      }
    }
    refuse(nil, nil, "has too many repeated keys")
  }

  private mutating func convert(_ node: Node, keyPath: String, keyMark: Mark?) -> SpecNode {
    // A collection starts on the line of its key, not on that of its first element.
    let mark = node.scalar == nil ? keyMark ?? node.mark : node.mark
    let content: SpecNode.Content
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      content = .scalar(SpecNode.Scalar(scalar.string, isPlain: isPlain))
    case .sequence(let sequence):
      content = .sequence(
        sequence.enumerated().map { convert($1, keyPath: "\(keyPath)[\($0)]", keyMark: nil) })
    case .mapping(let mapping):
      content = .mapping(entries(of: mapping, keyPath: keyPath))
    case .alias:
      // Not made by the composer, which puts the anchor's node in place of every alias.
      content = .scalar(SpecNode.Scalar("", isPlain: true))
    }
    return SpecNode(place: place(mark?.line, mark?.column), keyPath: keyPath, content: content)
  }

  private mutating func entries(of mapping: Node.Mapping, keyPath: String) -> [SpecNode.Entry] {
    var entries: [SpecNode.Entry] = []
    for (keyNode, valueNode) in mapping {
      let keyPlace = place(keyNode.mark?.line, keyNode.mark?.column)
      guard let written = keyNode.scalar?.string else {
        errors.append(
          SpecError(
            file: file, place: keyPlace, keyPath: keyPath, problem: "has a key that is not text"))
        continue
      }
      let key = SpecDocument.withoutRenameMarks(written)
      let path = SpecNode.path(keyPath, key)
      if let first = entries.first(where: { $0.key == key }) {
        var problem = "is given more than once"
        if case .file(let line, _) = first.keyPlace { problem += ", first on line \(line)" }
        errors.append(SpecError(file: file, place: keyPlace, keyPath: path, problem: problem))
        continue
      }
      let node = convert(valueNode, keyPath: path, keyMark: keyNode.mark)
      entries.append(SpecNode.Entry(key: key, keyPlace: keyPlace, node: node))
    }
    return entries
  }

  /// Renames the key at `mark`; false if the text there is not one of `keys`.
  private static func rename(
    _ keys: [String], at mark: Mark, in scalars: inout [Unicode.Scalar]
  ) -> Bool {
    var (index, line) = (0, 1)
    while line < mark.line, index < scalars.count {
      if lineEnds.contains(scalars[index]) { line += 1 }
      index += 1
    }
    index += mark.column - 1
    if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
    for key in keys where scalars.dropFirst(index).starts(with: key.unicodeScalars) {
      scalars.insert(renameMark, at: index + key.unicodeScalars.count)
      return true
    }
    return false
  }

  private static func withoutRenameMarks(_ key: String) -> String {
    String(String.UnicodeScalarView(key.unicodeScalars.filter { $0 != renameMark }))
  }

  private mutating func refuse(syntax error: any Error, in text: String) {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _),
      YamlError.parser(_, let problem, let mark, _):
      let line =
        text.split(separator: "\n", omittingEmptySubsequences: false)
        .dropFirst(mark.line - 1).first ?? ""
      let hint = line.contains("${") ? "; inside [ ] and { } put quotes around ${…}" : ""
      refuse(mark.line, mark.column, "is not YAML: \(problem)\(hint)")
    case YamlError.composer(_, let problem, let mark, _):
      refuse(mark.line, mark.column, "is not one YAML document: \(problem)")
    case YamlError.reader(let problem, let offset, _, _):
      let line = text.prefix(offset ?? 0).count(where: \.isNewline) + 1
      refuse(line, nil, "is not YAML: \(problem)")
    default:
      refuse(nil, nil, "is not YAML")
    }
  }

  private mutating func refuse(_ line: Int?, _ column: Int?, _ problem: String) {
    errors.append(
      SpecError(
        file: file, place: place(line, column), keyPath: override ?? "", problem: problem))
  }

  private func place(_ line: Int?, _ column: Int?) -> SpecPlace {
    override == nil ? .file(line: line ?? 1, column: column ?? 1) : .override
  }
}
