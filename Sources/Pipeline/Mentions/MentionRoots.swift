internal import Archive
internal import FoundationEssentials

/// The directories in which files that messages name are looked for, and which written paths lead into them.
///
/// Nothing outside of the directories is ever looked at, whatever a path says.
final class MentionRoots: Sendable {
  /// A written path that stands for a directory or file below a root.
  private struct Mapping: Sendable {
    let written: WrittenPath
    let root: Int
    let names: [[UInt8]]
  }

  private struct Root: Sendable {
    let directory: ContainedRoot
    /// The paths that a message may have for it: the real one, and the one the pipeline says.
    let ownPaths: [WrittenPath]

    init(_ path: String) throws(FileError) {
      directory = try ContainedRoot(path: path)
      ownPaths = [directory.path.bytes, absolute(path)].compactMap { MentionRoots.path($0) }
    }

    /// The names that lead from here to an absolute path; nil where it is elsewhere.
    func names(to path: WrittenPath) -> ArraySlice<[UInt8]>? {
      ownPaths.lazy.compactMap { path.names(below: $0) }.first
    }
  }

  private let roots: [Root]
  /// The longest first.
  private let mappings: [Mapping]

  /// Opens those of the roots that are there; the others have no files.
  init(below roots: [String]) {
    self.roots = Self.opened(roots)
    mappings = []
  }

  /// Opens those of the roots that are directories.
  ///
  /// - Parameters:
  ///   - roots: directories and files, relative to the working directory.
  ///   - map: as in ``init(_:map:)``.
  ///   - key: of the mapping, for messages.
  /// - Throws: ``RunError`` for a mapping that is no path or leads below none of the roots.
  init(below roots: [String], map: [String: String], key: String) throws(RunError) {
    self.roots = Self.opened(roots)
    mappings = try Self.mappings(map, of: self.roots, key: key)
  }

  private static func opened(_ roots: [String]) -> [Root] {
    // A root that cannot be opened has none of the files that are looked for, of which each is told.
    roots.compactMap { root in try? Root(root) }
  }

  /// Opens the roots.
  ///
  /// - Parameters:
  ///   - roots: directories, relative to the working directory.
  ///   - map: directories or files below a root, by the paths that are written for them.
  /// - Throws: ``RunError`` for a root that cannot be opened, and for a mapping that is no path or leads below
  ///   no root.
  init(_ roots: [String], map: [String: String]) throws(RunError) {
    let opened = try RunError.onFiles { () throws(FileError) in
      var opened: [Root] = []
      for root in roots { opened.append(try Root(root)) }
      return opened
    }
    self.roots = opened
    mappings = try Self.mappings(map, of: opened, key: "attach.map")
  }

  private static func mappings(
    _ map: [String: String], of roots: [Root], key: String
  ) throws(RunError) -> [Mapping] {
    var mappings: [Mapping] = []
    let section = key.prefix { $0 != "." }
    for (written, place) in map {
      guard let path = Self.path(Array(written.utf8)) else {
        throw RunError(.badPipeline, "\(key): \(written.debugDescription) is no path")
      }
      let own = Self.path(Self.absolute(place))
      let root = roots.indices.lazy.compactMap { index in
        own.flatMap { roots[index].names(to: $0) }.map { (index, $0) }
      }.first
      guard let root else {
        throw RunError(
          .badPipeline, "\(key): \(place) is below none of \(section).roots",
          hint: "nothing outside of \(section).roots is read; add the directory there")
      }
      mappings.append(Mapping(written: path, root: root.0, names: Array(root.1)))
    }
    return mappings.sorted { $0.written.names.count > $1.written.names.count }
  }

  /// What a mention leads to; `text` is as the message has it, without blanks around it.
  func find(_ text: [UInt8]) -> MentionOutcome {
    if DataURL.isOne(text) { return .data }
    if WrittenPath.isURL(text) {
      return find(as: Self.reading { () throws(WrittenPath.Refusal) in try WrittenPath(url: text) })
    }
    if Self.isAddress(text) { return .web }
    let found = find(as: Self.reading { () throws(WrittenPath.Refusal) in try WrittenPath(text) })
    guard found.isNothing, let decoded = WrittenPath.decodedOnce(text) else { return found }
    let second = find(
      as: Self.reading { () throws(WrittenPath.Refusal) in try WrittenPath(decoded) })
    return second == .missing ? found : second
  }

  private func find(as reading: Result<WrittenPath, WrittenPath.Refusal>) -> MentionOutcome {
    switch reading {
    case .success(let path): find(path)
    case .failure(.climbs): .outside
    case .failure(.empty), .failure(.impossible): .missing
    }
  }

  private func find(_ path: WrittenPath) -> MentionOutcome {
    for mapping in mappings {
      guard let rest = path.names(below: mapping.written) else { continue }
      let names = mapping.names + rest
      return outcome(roots[mapping.root].directory.find(names, matching: path.match))
    }
    for root in roots {
      guard let names = root.names(to: path) else { continue }
      return outcome(root.directory.find(names, matching: path.match))
    }
    // A tree that was copied as it was has its files where they were, from the root's point of view.
    var best = path.anchor == .relative ? MentionOutcome.missing : .outside
    for root in roots {
      switch outcome(root.directory.find(path.names, matching: path.match)) {
      case .missing: continue
      case .file(let file): return .file(file)
      case let other: if best.isNothing { best = other }
      }
    }
    return best
  }

  /// The beginning of an absolute path that leads below no root and no mapping, as a key of the mapping would
  /// be; nil of any other text.
  func unmappedBeginning(of text: [UInt8]) -> String? {
    guard let path = Self.path(text), path.anchor != .relative, let first = path.names.first,
      !mappings.contains(where: { path.names(below: $0.written) != nil }),
      !roots.contains(where: { $0.names(to: path) != nil })
    else { return nil }
    let name = String(decoding: first, as: UTF8.self)
    guard case .drive(let letter) = path.anchor else { return "/\(name)" }
    return "\(String(decoding: [letter], as: UTF8.self).uppercased()):/\(name)"
  }

  private func outcome(_ found: ContainedRoot.Found) -> MentionOutcome {
    switch found {
    case .file(let file): .file(file)
    case .directory, .special: .noFile
    case .missing: .missing
    case .ambiguous: .ambiguous
    case .outside: .outside
    case .unreadable(let error): .unreadable(error)
    }
  }

  private static func path(_ text: [UInt8]) -> WrittenPath? {
    // Why it is none is not asked here.
    try? WrittenPath(text)
  }

  private static func reading(
    _ path: () throws(WrittenPath.Refusal) -> WrittenPath
  ) -> Result<WrittenPath, WrittenPath.Refusal> {
    Result(catching: path)
  }

  private static func absolute(_ path: String) -> [UInt8] {
    path.hasPrefix("/")
      ? Array(path.utf8) : Array("\(FileManager.default.currentDirectoryPath)/\(path)".utf8)
  }

  /// Whether it begins with a scheme, which has more letters than a drive.
  private static func isAddress(_ text: [UInt8]) -> Bool {
    let scheme = text.prefix { byte in
      isAlphanumeric(byte) || "+-.".utf8.contains(byte)
    }
    return scheme.count >= 2 && text[scheme.endIndex...].starts(with: Array("://".utf8))
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// What a mention of a file leads to.
enum MentionOutcome: Sendable, Equatable {
  /// A file below a root.
  case file(ContainedFile)
  /// The file itself, in the message.
  case data
  /// An address of something elsewhere, which is no local file.
  case web
  /// A directory, FIFO, socket or device.
  case noFile
  /// Nothing is there.
  case missing
  /// Names differ only in letters' case, and none is as it is written.
  case ambiguous
  /// A place outside of the roots, which is not looked at.
  case outside
  /// It cannot be looked at.
  case unreadable(FileError)

  /// Whether a file was meant and none is to be had.
  var isMissing: Bool {
    switch self {
    case .missing, .ambiguous, .outside, .unreadable: true
    case .file, .data, .web, .noFile: false
    }
  }

  /// Whether it says only that there is nothing.
  fileprivate var isNothing: Bool { self == .missing || self == .outside }
}
