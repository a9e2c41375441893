internal import Archive
internal import FoundationEssentials

/// A line in a file of rejects is not one that convoy wrote, or was cut short.
public struct RejectDamage: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file of rejects.
  public let path: String
  /// 1-based line in it.
  public let line: Int
  /// What is wrong with the line.
  public let reason: String

  /// Place and reason.
  public var description: String { "\(path):\(line): \(reason)" }
}

/// Reads rejects back one at a time, each with its record exactly as it was found.
public struct RejectReader: ~Copyable {
  private var file: InputFile
  /// Where in the file ``pending`` begins.
  private var pendingOffset = 0
  /// Where in the file the line that was read last stands, without its end.
  private(set) var lastLine = 0..<0
  /// Number of that line, from 1.
  var lineNumber: Int { line }
  /// Bytes read; those before `start` are taken.
  private var pending: [UInt8] = []
  private var start = 0
  /// No line end stands between `start` and here.
  private var searched = 0
  private var line = 0

  init(_ file: consuming InputFile) {
    self.file = file
  }

  /// The next reject; nil at the end of the file.
  /// - Returns: a reject whose place has input index -1.
  /// - Throws: ``FileError``, or ``RejectDamage`` for a line that cannot be understood; the line
  ///   after it can then be read.
  public mutating func next() throws -> Reject? {
    guard let bytes = try nextLine() else { return nil }
    line += 1
    lastLine = pendingOffset + bytes.lowerBound..<pendingOffset + bytes.upperBound
    return try Self.reject(pending[bytes], path: file.path, line: line)
  }

  /// Reads one line.
  static func reject(
    _ bytes: ArraySlice<UInt8>, path: String, line: Int
  ) throws(RejectDamage) -> Reject {
    let parts = RejectLineParts(bytes)
    let record: RejectRecord
    do {
      record = try JSONDecoder().decode(RejectRecord.self, from: Data(parts.frame))
    } catch {
      throw RejectDamage(
        path: path, line: line, reason: "not a line of rejects (\(Self.reason(error)))")
    }
    guard (record.text == nil) != (record.base64 == nil), let content = parts.content else {
      throw RejectDamage(path: path, line: line, reason: "must have either text or base64")
    }
    return record.reject(bytes: content)
  }

  /// Where in `pending` the next line stands, without its end.
  private mutating func nextLine() throws(FileError) -> Range<Int>? {
    while true {
      if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        searched = end + 1
        return start..<end
      }
      pendingOffset += start
      pending.removeSubrange(..<start)
      start = 0
      searched = pending.count
      guard try file.read(into: &pending, upTo: 65_536) == 0 else { continue }
      guard !pending.isEmpty else { return nil }
      start = pending.count
      return 0..<start
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "no \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "wrong type of \(context.codingPath.last?.stringValue ?? "the line")"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "unknown value of \(context.codingPath.last?.stringValue ?? "the line")"
    default: "no JSON object"
    }
  }
}

/// Mirror of one line, its record left out.
private struct RejectRecord: Decodable {
  struct Dependents: Decodable {
    var messages: Int
  }

  var file: String
  var line: Int
  var byteOffset: Int
  var byteLength: Int
  var stage: Stage
  var rule: Rule
  var kind: Reject.Kind
  var field: String?
  var message: String
  var sqlstate: String?
  var constraint: String?
  var column: String?
  var dependents: Dependents?
  var origin: RejectOrigin?
  var text: String?
  var base64: String?

  func reject(bytes: [UInt8]) -> Reject {
    var reject = Reject(
      kind: kind, input: file,
      place: Place(input: -1, line: line, byteOffset: byteOffset, byteLength: byteLength),
      stage: stage, rule: rule, field: field, message: message, bytes: bytes)
    reject.sqlState = sqlstate
    reject.constraint = constraint
    reject.column = column
    reject.dependentMessages = dependents?.messages
    reject.origin = origin
    return reject
  }
}
