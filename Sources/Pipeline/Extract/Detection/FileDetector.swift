internal import Archive

/// Tells what a file is from its first 64 KiB, inflated and as UTF-8.
extension Detection {
  /// Bytes that are looked at.
  static let headBytes = 64 << 10
  /// Records that are looked at.
  private static let recordLimit = 32

  /// Looks at one file.
  init(of path: String) {
    var head: [UInt8] = []
    var isAll = false
    do throws(StreamError) {
      var stream = try ByteStream(path: path)
      while head.count < Self.headBytes, !isAll {
        isAll = try stream.read(into: &head, upTo: Self.headBytes - head.count) == 0
      }
    } catch {
      // Damage behind some readable records is for the run to report with its place.
      guard !head.isEmpty else {
        self.init(
          path: path, finding: .unreadable, confidence: .certain, reason: error.description)
        return
      }
    }
    self.init(path: path, head: head, isAll: isAll)
  }

  /// Tells what a file is that begins so.
  init(path: String, head: [UInt8], isAll: Bool) {
    guard !head.isBlank(0..<head.count) else {
      self.init(
        path: path, finding: .other, confidence: isAll ? .certain : .likely,
        reason: isAll ? "empty" : "nothing but white space at its beginning")
      return
    }
    if let manifest = ManifestSign.reason(head) {
      self.init(
        path: path, finding: .other, confidence: manifest.isSure ? .certain : .likely,
        reason: manifest.text)
      return
    }
    if let dump = DumpSign(head, isAll: isAll) {
      self.init(path: path, dump)
      return
    }
    let layout = RecordLayout.detect(head, format: .threads)
    var signs = Self.signs(head, layout, isAll: isAll)
    // Both are read as what they are, whichever of the two the file is said to be.
    let dialectOfKeys = signs.contains { $0.dialect == .threads } ? SourceFormat.threads : .auggie
    signs = signs.map { $0 == .auggieKey ? .dialect(dialectOfKeys, isSure: true) : $0 }
    var counts: [(dialect: SourceFormat, count: Int)] = []
    for dialect in SourceFormat.allCases {
      let count = signs.count { $0.dialect == dialect }
      if count > 0 { counts.append((dialect, count)) }
    }
    guard let found = counts.first else {
      self.init(path: path, otherThan: signs)
      return
    }
    guard counts.count == 1, 2 * found.count >= signs.count else {
      let names = counts.map { "\($0.count) of \($0.dialect.rawValue)" }.joined(separator: ", ")
      self.init(
        path: path, finding: .other, confidence: .likely,
        reason: "of the first \(signs.count) records \(names)")
      return
    }
    if found.dialect.isFilePerSession, !InputFinder.isWanted(path, found.dialect) {
      self.init(
        path: path, finding: .other, confidence: .likely,
        reason: "\(found.dialect.evidence), but its name, which is the conversation's id, does not "
          + "end in .jsonl")
      return
    }
    let isSure = signs.allSatisfy {
      if case .dialect(_, isSure: true) = $0 { true } else { false }
    }
    let extent =
      found.count == signs.count
      ? signs.count == 1 ? "" : " in each of the first \(signs.count) records"
      : " in \(found.count) of the first \(signs.count) records"
    self.init(
      path: path, finding: .conversations(found.dialect),
      confidence: isSure ? .certain : .likely, reason: found.dialect.evidence + extent)
  }

  private init(path: String, _ dump: DumpSign) {
    switch dump {
    case .rows(let table, let isSure):
      self.init(
        path: path, finding: .conversations(.messagesDump),
        confidence: isSure ? .certain : .likely,
        reason: isSure ? "rows of \(table)" : "the definition of \(table), its rows further on")
    case .refused(let reason):
      // Rows that somebody wants are in it as likely as not, so it is never only passed over.
      self.init(
        path: path, finding: .unreadable, confidence: .certain, reason: "\(path): \(reason)")
    case .other(let reason):
      self.init(path: path, finding: .other, confidence: .likely, reason: reason)
    }
  }

  private init(path: String, otherThan signs: [RecordSign]) {
    var reason = "not JSON"
    for case .other(let name) in signs.reversed() { reason = name }
    let isAlike = signs.allSatisfy { $0 == signs.first }
    self.init(
      path: path, finding: .other, confidence: isAlike ? .certain : .likely, reason: reason)
  }

  private static func signs(
    _ head: [UInt8], _ layout: RecordLayout, isAll: Bool
  ) -> [RecordSign] {
    guard layout != .members else {
      return [sign(head, 0..<head.count, layout)]
    }
    var ranges: [Range<Int>] = []
    if layout == .lines {
      var start = 0
      while start < head.count, ranges.count < recordLimit {
        let end = head.firstIndex(of: 0x0A, in: start..<head.count) ?? head.count
        let line = head.trimmed(start..<end)
        // A line that goes on behind what was read tells less than those before it.
        if !line.isEmpty, end < head.count || isAll || ranges.isEmpty { ranges.append(line) }
        start = end + 1
      }
    } else {
      var splitter = RecordSplitter(layout)
      let end = splitter.scan(head, isEnd: true)
      ranges = splitter.take(cut: end)
      if !isAll, ranges.count > 1 { ranges.removeLast() }
    }
    return ranges.prefix(recordLimit).map { sign(head, $0, layout) }
  }

  private static func sign(
    _ head: [UInt8], _ range: Range<Int>, _ layout: RecordLayout
  ) -> RecordSign {
    JSONSketch(head, range).map { RecordSign($0, layout: layout) } ?? .noJSON
  }
}

extension RecordSign {
  fileprivate var dialect: SourceFormat? {
    guard case .dialect(let dialect, _) = self else { return nil }
    return dialect
  }
}

extension SourceFormat {
  /// What tells a file of the dialect.
  fileprivate var evidence: String {
    switch self {
    case .threads: "thread documents with turns"
    case .chatHistory: "lines of ts, role and content"
    case .openAIChat: "messages with roles"
    case .requestResponse: "requests of tools or answers to them"
    case .toolCalls: "records of tool calls"
    case .auggie: "sessions with a history of exchanges"
    case .conversationTracker: "conversations of a provider with their messages"
    case .agentMemory: "notes of an agent"
    case .messagesDump: "rows of a table that is loaded"
    case .conversationsTable: "rows of the legacy table conversations"
    }
  }
}
