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

  /// - Throws: ``RunError`` for an input that names nothing, and for `-` where a file's name is needed.
  static func find(_ names: [String], format: SourceFormat) throws(RunError) -> Found {
    var found = Found()
    for name in names {
      if name == "-" {
        guard format != .chatHistory else {
          throw RunError(
            .badPipeline, "chat history cannot be read from standard input",
            hint: "the name of each file is its conversation's id, so give a directory or files")
        }
        found.add(path: name, under: nil)
        continue
      }
      try add(name, format, to: &found)
    }
    return found
  }

  private static func add(
    _ name: String, _ format: SourceFormat, to found: inout Found
  ) throws(RunError) {
    var roots = [name]
    if Glob.isPattern(name), !exists(name) {
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
        found.add(path: root, under: nil)
        continue
      }
      if tree.files.isEmpty, tree.skipped.isEmpty, let first = tree.unreadable.first,
        first.path == root
      {
        throw RunError(.fileAccess, first.description)
      }
      for file in tree.files {
        guard isWanted(file, format) else {
          found.skipped.append("\(file): not a \(format.rawValue) file by its name")
          continue
        }
        found.add(path: file, under: root)
      }
      found.unreadable += tree.unreadable.map(\.description)
      found.skipped += tree.skipped.map { "\($0.path): \($0.reason.rawValue)" }
    }
  }

  /// In a directory only files that can be of the format by name are read; a file named outright is.
  private static func isWanted(_ path: String, _ format: SourceFormat) -> Bool {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    switch format {
    case .chatHistory: return name.hasSuffix(".jsonl")
    case .threads, .openAIChat:
      return [".json", ".jsonl", ".ndjson"].contains { name.hasSuffix($0) }
    }
  }

  private static func exists(_ path: String) -> Bool {
    // Only whether it can be named matters here; reading it will say what is wrong with it.
    (try? InputFingerprint(path: path)) != nil
  }
}

extension InputFinder.Found {
  fileprivate mutating func add(path: String, under root: String?) {
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
        index: Int32(inputs.count), path: path, name: path == "-" ? "stdin" : name,
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
