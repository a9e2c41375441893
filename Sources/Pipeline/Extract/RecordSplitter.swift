/// How records lie in an input.
enum RecordLayout: Sendable, Equatable {
  /// One a line, ended by 0x0A alone: U+2028 and lone 0x0D are text.
  case lines
  /// Elements of top-level arrays.
  case elements
  /// Members of top-level objects; a record is `"key": value`.
  case members
  /// Whole values one after the other, over any number of lines.
  case documents

  /// Tells from the first bytes of an input.
  ///
  /// - Parameters:
  ///   - head: the input's first bytes, all of it where it is short.
  ///   - format: chat history is always lines, some are whole documents, and only dumps of Redis are objects
  ///     of documents.
  /// - Returns: the layout, lines where nothing tells.
  static func detect(_ head: [UInt8], format: SourceFormat) -> RecordLayout {
    guard format != .chatHistory else { return .lines }
    let isKeyed = format == .threads || format == .auggie
    if isKeyed, startsWithKeyOfRedis(head) { return .members }
    guard !format.isWholeDocuments else { return .documents }
    let body = head.trimmed(0..<head.count)
    guard let first = body.first else { return .lines }
    let opening = head[first]
    guard opening == UInt8(ascii: "{") || opening == UInt8(ascii: "[") else { return .lines }
    let lineEnd = head.firstIndex(of: 0x0A, in: first..<body.upperBound)
    // A second line that begins like a record means lines, even where the first one was cut off.
    if let lineEnd {
      let next = head.trimmed(lineEnd..<body.upperBound).lowerBound
      if next < body.upperBound, head[next] == opening, !goesOn(head, first..<lineEnd),
        next == lineEnd + 1 || isWhole(head, first..<lineEnd)
      {
        return .lines
      }
    }
    if opening == UInt8(ascii: "[") { return .elements }
    guard let lineEnd else { return .lines }
    return isWhole(head, first..<lineEnd) ? .lines : .documents
  }

  private static func startsWithKeyOfRedis(_ head: [UInt8]) -> Bool {
    var at = head.trimmed(0..<head.count).lowerBound
    guard at < head.count, head[at] == UInt8(ascii: "{") else { return false }
    at += 1
    while at < head.count, isJSONSpace(head[at]) { at += 1 }
    return [ThreadDocument.keyPrefix, AuggieSessions.keyPrefix].contains { prefix in
      head[at...].starts(with: [UInt8(ascii: "\"")] + prefix)
    }
  }

  /// Whether a line ends where a value cannot: the next line belongs to the same one.
  private static func goesOn(_ head: [UInt8], _ line: Range<Int>) -> Bool {
    let text = head.trimmed(line)
    return text.upperBound > text.lowerBound && "[{,:".utf8.contains(head[text.upperBound - 1])
  }

  private static func isWhole(_ head: [UInt8], _ range: Range<Int>) -> Bool {
    var scanner = DepthScanner()
    var at = range.lowerBound
    while at < range.upperBound { scanner.step(head[at]); at += 1 }
    return scanner.depth == 0 && !scanner.inString
  }
}

/// Follows strings and brackets through JSON bytes, across buffers.
struct DepthScanner {
  private(set) var depth = 0
  private(set) var inString = false
  private var isEscaped = false

  /// Passes over what is left of the string it is in, up to and with the closing quote if that is there.
  ///
  /// - Returns: the offset behind what was passed over; `at` outside of strings.
  mutating func skipString(_ bytes: borrowing Span<UInt8>, from at: Int) -> Int {
    guard inString, at < bytes.count else { return at }
    // An escape that began before is over with its one byte: the digits of `\u` are plain text.
    let start = isEscaped ? at + 1 : at
    isEscaped = false
    var from = start
    while true {
      let end = bytes.firstIndex(of: UInt8(ascii: "\""), in: from..<bytes.count) ?? bytes.count
      var backslashes = 0
      while end - backslashes > start, bytes[end - backslashes - 1] == UInt8(ascii: "\\") {
        backslashes += 1
      }
      let escapesNext = backslashes % 2 == 1
      guard end < bytes.count else {
        isEscaped = escapesNext
        return bytes.count
      }
      if !escapesNext {
        inString = false
        return end + 1
      }
      from = end + 1
    }
  }

  @inline(__always)
  mutating func step(_ byte: UInt8) {
    if inString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        inString = false
      }
      return
    }
    switch byte {
    case UInt8(ascii: "\""): inString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
    default: break
    }
  }
}

/// Finds the records of one buffer, and how far the last whole one reaches.
///
/// The buffer is scanned once however often it grows: a record that is not whole yet is gone on with
/// where the scan stopped.
struct RecordSplitter {
  let layout: RecordLayout
  private var scanner = DepthScanner()
  private var scanned = 0
  private var recordStart: Int?
  private var ranges: [Range<Int>] = []

  init(_ layout: RecordLayout) { self.layout = layout }

  /// Whether the array or object that holds the records is still open: at the end of an input, that it
  /// was cut off, even where its last record is whole.
  var isInsideContainer: Bool {
    (layout == .elements || layout == .members) && scanner.depth > 0
  }

  /// Scans what was appended since the last call.
  ///
  /// - Parameters:
  ///   - bytes: the buffer; its start is a record boundary.
  ///   - isEnd: whether nothing comes after it.
  /// - Returns: the offset up to which records are whole; 0 if there is none.
  mutating func scan(_ bytes: [UInt8], isEnd: Bool) -> Int {
    guard layout != .lines else {
      if isEnd { return bytes.count }
      let end = bytes[scanned...].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      scanned = bytes.count
      return end
    }
    let inside = layout == .documents ? 0 : 1
    var whole = 0
    let span = bytes.span
    var next = scanned
    while next < bytes.count {
      let at = next
      let byte = span[at]
      let before = scanner.depth
      let wasInString = scanner.inString
      scanner.step(byte)
      next = scanner.skipString(span, from: at + 1)
      if wasInString || next > at + 1 || scanner.inString {
        if recordStart == nil { recordStart = at }
        continue
      }
      if before == 0, inside == 1 {
        // Between containers: anything but white space and the next opening is a stray record.
        if scanner.depth == 1 { whole = at + 1; end(at); continue }
      }
      if before == inside, isSeparator(byte) || (scanner.depth < inside) {
        end(at)
        whole = at + 1
        continue
      }
      if recordStart == nil, !isJSONSpace(byte) { recordStart = at }
      if inside == 0, before == 1, scanner.depth == 0 {
        end(at + 1)
        whole = at + 1
      }
    }
    scanned = bytes.count
    if isEnd {
      end(bytes.count)
      whole = bytes.count
    }
    return whole
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    layout != .documents && byte == UInt8(ascii: ",")
  }

  private mutating func end(_ at: Int) {
    if let start = recordStart, start < at { ranges.append(start..<at) }
    recordStart = nil
  }

  /// The records found so far; the next scan is of a buffer that begins at `cut`.
  mutating func take(cut: Int) -> [Range<Int>] {
    defer {
      ranges = []
      scanned -= cut
      recordStart = recordStart.map { $0 - cut }
    }
    return ranges
  }
}
