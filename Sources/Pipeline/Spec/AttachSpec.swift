/// Section `attach`: which of the files that messages name are stored with their sessions.
public struct AttachSpec: Sendable, Hashable {
  /// Whether the files that turns name are looked for and stored.
  public var turns = TurnFiles.off
  /// Directories in which they are looked for; nothing outside of them is read.
  public var roots: [String] = []
  /// Directories or files below a root by the paths that messages have for them.
  public var map: [String: String] = [:]

  /// Makes the section as an empty one is read.
  public init() {}
}

/// What becomes of the files that turns name.
public enum TurnFiles: String, Sendable, Hashable, CaseIterable {
  /// Those that are there are stored, and the others noted.
  case resolve
  /// Nothing.
  case off
}

extension PipelineSpec {
  /// The keys of section `attach`.
  static let attachKeys: [SpecKey] = [
    SpecKey(
      "attach.turns", .choice, \.attach.turns,
      "whether the files that turns name are looked for, and stored with their sessions"),
    SpecKey(
      "attach.roots", .directories, \.attach.roots,
      "directories in which they are looked for; nothing outside of them is read"),
    SpecKey(
      "attach.map", .map(of: SpecType<String>.text), \.attach.map,
      "places below a root by the paths that turns have for them, such as {/app: uploads/app}; the longest wins"
    ),
  ]

  /// Refuses files that are to be found nowhere.
  func checkAttach(of root: SpecNode, _ check: inout SpecCheck) {
    guard attach.turns == .resolve, attach.roots.isEmpty else { return }
    check.refuse(
      root.descendant("attach.roots") ?? root.descendant("attach.turns") ?? root,
      "attach.turns is resolve, and attach.roots names no directory")
  }
}
