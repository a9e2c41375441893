internal import Archive
internal import Crypto
internal import Foundation

/// Finds the files a pipeline's inputs name: files, directories, globs and `-`.
struct InputFinder {
  /// What was found, in the order it will be read, and what could not be.
  struct Found {
    var inputs: [PlannedInput] = []
    /// Files and directories that cannot be read; the run goes on without them and says so.
    var unreadable: [String] = []
    /// Things in directories that are not files, and files that were named before.
    var skipped: [String] = []
    fileprivate var paths: Set<String> = []
  }

  /// - Throws: ``RunError`` for an input that names nothing, for a file named outright that is no
  ///   conversation where that is to be told, and for `-` where a file's name or beginning is needed.
  static func find(_ names: [String], format: FormatChoice) throws(RunError) -> Found {
    var found = Found()
    for name in names {
      if name == "-" {
        found.add(path: name, try dialectOfStandardInput(format), under: nil)
        continue
      }
      try add(name, format, to: &found)
    }
    return found
  }

  private static func dialectOfStandardInput(
    _ format: FormatChoice
  ) throws(RunError) -> SourceFormat {
    switch format {
    case .auto:
      throw RunError(
        .badPipeline, "what standard input is cannot be told before it is read",
        hint: "name its format: --set source.format=threads")
    case .one(let dialect) where dialect.isFilePerSession:
      throw RunError(
        .badPipeline, "chat history cannot be read from standard input",
        hint: "the name of each file is its conversation's id, so give a directory or files")
    case .one(let dialect) where dialect.isGathered:
      throw RunError(
        .badPipeline, "\(dialect.rawValue) cannot be read from standard input",
        hint: "its records are read twice, so give a directory or files")
    case .one(let dialect): return dialect
    }
  }

  private static func add(
    _ name: String, _ format: FormatChoice, to found: inout Found
  ) throws(RunError) {
    var roots = [name]
    let isGlob = Glob.isPattern(name) && !exists(name)
    if isGlob {
      do throws(FileError) {
        let matches = try Glob.paths(matching: name)
        roots = matches.paths
        found.unreadable += matches.unreadable.map(\.description)
      } catch { throw RunError(.fileAccess, error.description) }
      guard !roots.isEmpty else {
        throw RunError(.fileAccess, "\(name): no file matches")
      }
    }
    for root in roots {
      let tree = InputTree.files(under: root)
      guard tree.files != [root] else {
        let known = found.unreadable.count
        guard let dialect = dialect(root, format, isNamed: true, in: &found) else {
          guard isGlob else {
            let reasons = found.unreadable.count > known ? found.unreadable : found.skipped
            throw RunError(
              .fileAccess, reasons.last ?? root,
              hint: "source.format can name what it is, if it is one all the same")
          }
          continue
        }
        found.add(path: root, dialect, under: nil)
        continue
      }
      if tree.files.isEmpty, tree.skipped.isEmpty, let first = tree.unreadable.first,
        first.path == root
      {
        throw RunError(.fileAccess, first.description)
      }
      for file in tree.files {
        guard let dialect = dialect(file, format, isNamed: false, in: &found) else { continue }
        found.add(path: file, dialect, under: root)
      }
      found.unreadable += tree.unreadable.map(\.description)
      found.skipped += tree.skipped.map { "\($0.path): \($0.reason.rawValue)" }
    }
  }

  /// The dialect to read a file as; nil for one that is left alone, which is told.
  ///
  /// `isNamed` is whether it was given itself, and not found in a directory.
  private static func dialect(
    _ file: String, _ format: FormatChoice, isNamed: Bool, in found: inout Found
  ) -> SourceFormat? {
    switch format {
    case .one(let dialect):
      guard !isNamed, !isWanted(file, dialect) else { return dialect }
      found.skipped.append("\(file): not a \(dialect.rawValue) file by its name")
      return nil
    case .auto:
      let detection = Detection(of: file)
      switch detection.finding {
      case .conversations(let dialect): return dialect
      case .other: found.skipped.append("\(file): not a conversation: \(detection.reason)")
      case .unreadable: found.unreadable.append(detection.reason)
      }
      return nil
    }
  }

  /// In a directory only files that can be of the format by name are read; a file named outright is.
  static func isWanted(_ path: String, _ format: SourceFormat) -> Bool {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    switch format {
    case .chatHistory: return name.hasSuffix(".jsonl")
    case .messagesDump: return [".sql", ".csv"].contains { name.hasSuffix($0) }
    case .threads, .openAIChat, .requestResponse, .toolCalls, .auggie, .conversationTracker,
      .agentMemory:
      return [".json", ".jsonl", ".ndjson"].contains { name.hasSuffix($0) }
    // A plan has refused inputs of it.
    case .conversationsTable: return false
    }
  }

  private static func exists(_ path: String) -> Bool {
    // Only whether it can be named matters here; reading it will say what is wrong with it.
    (try? InputFingerprint(path: path)) != nil
  }
}

extension InputFinder.Found {
  fileprivate mutating func add(path: String, _ dialect: SourceFormat, under root: String?) {
    guard path == "-" || paths.insert(PlannedInput.identity(path)).inserted else {
      skipped.append("\(path): named twice; it is read once")
      return
    }
    var name = path
    if let root, path.hasPrefix(root) {
      name = String(path.dropFirst(root.count).drop { $0 == "/" })
    } else if path != "-", let last = path.split(separator: "/").last {
      name = String(last)
    }
    let known = PlannedInput.fingerprint(path)
    inputs.append(
      PlannedInput(
        index: Int32(inputs.count), path: path, dialect: dialect,
        name: path == "-" ? "stdin" : name,
        size: known?.size, fingerprint: known?.hash, identity: PlannedInput.identity(path)))
  }
}

extension PlannedInput {
  /// Size, and a hash over size, time and both ends; nil for a pipe and for what cannot be read.
  fileprivate static func fingerprint(_ path: String) -> (size: Int, hash: [UInt8])? {
    guard path != "-" else { return nil }
    do throws(FileError) {
      let state = try InputFingerprint(path: path)
      let ends = try InputFingerprint.headAndTail(path: path)
      var hash = SHA256()
      hash.update(data: Array("\(state.size) \(state.modificationTimeNanoseconds) ".utf8))
      hash.update(data: ends.head)
      hash.update(data: ends.tail)
      return (state.size, Array(hash.finalize()))
    } catch {
      // The reading itself will meet the same trouble and report it with its place.
      return nil
    }
  }

  /// The full path, whatever led to it.
  static func identity(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }
}
