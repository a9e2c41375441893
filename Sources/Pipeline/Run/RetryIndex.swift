internal import Archive
internal import FoundationEssentials

/// What a file of rejects holds, as far as it takes to try its lines again in any order: no records.
///
/// Memory: some hundred bytes a line.
struct RetryIndex: Sendable {
  /// Where in the file a line stands.
  struct Line: Sendable {
    let number: Int
    let offset: Int
    let byteCount: Int
    /// Index into ``RetryIndex/inputs``.
    let input: Int32
  }

  /// Lines that belong together.
  struct Group: Sendable {
    enum Kind: Sendable {
      case record, pieces, messages
      case kept(String)
    }

    var kind: Kind
    var lines: [Line] = []
    var repeated: [Line] = []
    var byteCount = 0
  }

  let path: String
  /// The file of rejects itself, then the inputs its lines are of.
  private(set) var inputs: [PlannedInput]
  /// First whole records and what is only kept, then messages, whose sessions are there by then.
  private(set) var phases: [[Group]] = [[], []]
  private(set) var damages: [RejectDamage] = []
  /// Bytes of the file when it was read.
  private(set) var byteCount = 0

  /// Reads the file from start to end.
  ///
  /// - Throws: ``RunError`` of kind `fileAccess`.
  init(_ path: String, format: FormatChoice) throws(RunError) {
    self.path = path
    inputs = [Self.ownInput(path, byteCount: nil)]
    var scan = Scan(format: format)
    do {
      var reader = try RejectFile.read(path)
      var isAtEnd = false
      while !isAtEnd {
        do {
          if let reject = try reader.next() {
            scan.add(reject, reader.lineNumber, reader.lastLine, to: &inputs)
          } else {
            isAtEnd = true
          }
        } catch let damage as RejectDamage { damages.append(damage) }
        byteCount = max(byteCount, reader.lastLine.upperBound)
      }
    } catch {
      throw RunError(.fileAccess, "\(error)")
    }
    inputs[0] = Self.ownInput(path, byteCount: byteCount)
    phases = scan.phases
  }

  /// The file of rejects; no record is read of it as of an input, so its dialect means nothing.
  private static func ownInput(_ path: String, byteCount: Int?) -> PlannedInput {
    PlannedInput(index: 0, path: path, dialect: .threads, name: path, size: byteCount)
  }
}

/// Sorts lines into groups.
private struct Scan {
  /// What two lines have in common that belong together.
  struct Key: Hashable {
    var input: Int32
    var byteOffset: Int
    var document: String?
    var session: String?
    var isRecord: Bool
  }

  /// A session of which there is nothing but messages, which may be of several inputs.
  private struct MadeSession: Hashable {
    var dialect: SourceFormat
    var inputs: String
    var key: String
  }

  private struct InputKey: Hashable {
    var path: String
    var dialect: SourceFormat
    var name: String
    var set: String?
  }

  private struct Repetition: Hashable {
    var group: Int
    var kind: Reject.Kind
    var index: Int?
  }

  let format: FormatChoice
  private var inputNumbers: [InputKey: Int32] = [:]
  private var numbers: [Key: Int] = [:]
  private var groups: [(key: Key?, group: RetryIndex.Group)] = []
  private var order: [Int: [(line: RetryIndex.Line, index: Int)]] = [:]
  private var seen: Set<Repetition> = []
  /// The session of each group that may have further ones.
  private var made: [Int: MadeSession] = [:]

  init(format: FormatChoice) { self.format = format }

  mutating func add(
    _ reject: Reject, _ number: Int, _ bytes: Range<Int>, to inputs: inout [PlannedInput]
  ) {
    let line = RetryIndex.Line(
      number: number, offset: bytes.lowerBound, byteCount: bytes.count,
      input: input(of: reject, in: &inputs))
    if let reason = reasonToKeep(reject) {
      var group = RetryIndex.Group(kind: .kept(reason), byteCount: bytes.count)
      group.lines = [line]
      groups.append((nil, group))
      return
    }
    guard let origin = reject.origin else { return }
    let isFile = origin.dialect.isFilePerSession
    let isRecord = reject.kind == .session && !isFile
    let key = Key(
      input: line.input, byteOffset: origin.byteOffset, document: origin.document,
      session: isFile ? origin.session?.key : nil, isRecord: isRecord)
    let group = numbers[key] ?? groups.count
    if group == groups.count {
      numbers[key] = group
      let kind: RetryIndex.Group.Kind =
        isRecord ? origin.piece == nil ? .record : .pieces : .messages
      groups.append((key, RetryIndex.Group(kind: kind)))
    }
    groups[group].group.byteCount += bytes.count
    if let session = origin.session, session.isMade == true {
      made[group] = MadeSession(
        dialect: origin.dialect, inputs: origin.inputs, key: session.key)
    }
    let repetition = Repetition(group: group, kind: reject.kind, index: index(of: reject))
    guard seen.insert(repetition).inserted else {
      groups[group].group.repeated.append(line)
      return
    }
    order[group, default: []].append((line, repetition.index ?? -1))
  }

  /// A broken line of chat history has only its number; several pieces of one are told by their offset.
  private func index(of reject: Reject) -> Int? {
    guard let origin = reject.origin, let message = origin.message else {
      return reject.origin?.piece
    }
    return reject.stage == .extract && origin.dialect.isFilePerSession
      ? -2 - reject.place.byteOffset : message.index
  }

  private func reasonToKeep(_ reject: Reject) -> String? {
    guard let origin = reject.origin else {
      return "its line, of an earlier version of convoy, does not say what its row depends on"
    }
    if !format.mayBe(origin.dialect) {
      return "it is of dialect \(origin.dialect.rawValue), the pipeline of \(format.rawValue)"
    }
    switch reject.kind {
    case .file: return "a whole input is not tried again; run the pipeline on it"
    case .message:
      return origin.session == nil || origin.message == nil
        ? "its line does not say which message of which session it is" : nil
    case .session:
      if origin.dialect.isFilePerSession {
        return origin.session == nil ? "its line names no session" : nil
      }
      return reject.bytes.isEmpty ? "its bytes were not kept" : nil
    }
  }

  private mutating func input(of reject: Reject, in inputs: inout [PlannedInput]) -> Int32 {
    let name = reject.origin?.name ?? reject.input.split(separator: "/").last.map(String.init) ?? ""
    let dialect = reject.origin?.dialect ?? .threads
    let key = InputKey(
      path: reject.input, dialect: dialect, name: name, set: reject.origin?.inputs)
    if let known = inputNumbers[key] { return known }
    let number = Int32(inputs.count)
    inputNumbers[key] = number
    inputs.append(
      PlannedInput(
        index: number, path: reject.input, dialect: dialect, name: name, size: 0,
        set: key.set.map { Array($0.utf8) }))
    return number
  }

  /// Messages of a session whose whole record is a reject too come with that record.
  var phases: [[RetryIndex.Group]] {
    var phases: [[RetryIndex.Group]] = [[], []]
    var places: [MadeSession: Int] = [:]
    var lines: [[(line: RetryIndex.Line, index: Int)]] = []
    for (number, entry) in groups.enumerated() {
      let own = order[number, default: []]
      var group = entry.group
      guard var key = entry.key, !key.isRecord else {
        if entry.key != nil { group.lines = own.sorted { $0.index < $1.index }.map(\.line) }
        phases[0].append(group)
        continue
      }
      key.isRecord = true
      guard numbers[key] == nil else { continue }
      if let session = made[number] {
        if let known = places[session] {
          phases[1][known].byteCount += group.byteCount
          phases[1][known].repeated += group.repeated
          lines[known] += own
          continue
        }
        places[session] = phases[1].count
      }
      phases[1].append(group)
      lines.append(own)
    }
    for (number, own) in lines.enumerated() {
      phases[1][number].lines = own.sorted { $0.index < $1.index }.map(\.line)
    }
    return phases
  }
}
