internal import Archive

/// Where tasks come from, one after the other.
protocol HashSource: ~Copyable, Sendable {
  /// The next task, or nil at the end.
  mutating func next() throws(RunError) -> HashTask?
}

/// Files whose paths are known.
struct FoundFiles: HashSource {
  var rest: ArraySlice<RawPath>

  mutating func next() -> HashTask? {
    rest.popFirst().map { HashTask(path: $0, action: .readFound, expected: nil) }
  }
}

/// Walks trees in the byte order of the paths, one directory in memory for each level.
///
/// Links in a tree are not followed, so it has no loops and nothing outside of it is met. Given paths come in
/// their order, and are followed where they are links.
struct FileScan: HashSource {
  private struct Level {
    let directory: RawDirectory
    /// The path of the directory, with a slash behind it.
    let prefix: [UInt8]
    var index = 0
  }

  private let rules: ScanRules
  private var roots: ArraySlice<RawPath>
  private var levels: [Level] = []
  /// What is to be told of before the scan goes on.
  private var pending: [HashTask] = []

  init(_ roots: [RawPath], rules: ScanRules) {
    self.roots = roots[...]
    self.rules = rules
  }

  mutating func next() -> HashTask? {
    while true {
      if let task = pending.popLast() { return task }
      if let task = nextEntry() { return task }
      guard levels.isEmpty, pending.isEmpty else { continue }
      guard let root = roots.popFirst() else { return nil }
      if let task = enterRoot(root) { return task }
    }
  }

  /// The next entry of the deepest directory; nil when it led into or out of a directory.
  private mutating func nextEntry() -> HashTask? {
    guard let level = levels.last else { return nil }
    guard level.index < level.directory.count else {
      levels.removeLast()
      return nil
    }
    levels[levels.count - 1].index += 1
    let (name, kind) = level.directory.entry(level.index)
    let path = RawPath(level.prefix + name)
    guard !rules.excludes(name, kind) else { return task(path, .settled(.skipped(.excluded))) }
    switch kind {
    case .file: return task(path, .readFound)
    case .directory:
      enter(path)
      return nil
    case .link: return task(path, .settled(.skipped(.link)))
    case .fifo: return task(path, .settled(.skipped(.fifo)))
    case .socket: return task(path, .settled(.skipped(.socket)))
    case .device: return task(path, .settled(.skipped(.device)))
    }
  }

  private mutating func enterRoot(_ root: RawPath) -> HashTask? {
    guard root.bytes != [UInt8(ascii: "-")] else { return task(root, .readStandardInput) }
    do throws(FileError) {
      guard try RawDirectory.isDirectory(root) else { return task(root, .readNamed) }
    } catch {
      return task(root, .settled(.unreadable(error)))
    }
    enter(root.bytes.last == UInt8(ascii: "/") ? root : RawPath(root.bytes + [UInt8(ascii: "/")]))
    return nil
  }

  /// - Parameter path: ends in a slash.
  private mutating func enter(_ path: RawPath) {
    do throws(FileError) {
      let directory = try RawDirectory(path: path)
      levels.append(Level(directory: directory, prefix: path.bytes))
      pending = directory.unreadable.map { error in
        task(RawPath(error.path), .settled(.unreadable(error)))
      }
    } catch {
      pending = [task(path, .settled(.unreadable(error)))]
    }
  }

  private func task(_ path: RawPath, _ action: HashTask.Action) -> HashTask {
    HashTask(path: path, action: action, expected: nil)
  }
}
