/// What one half of a call says of where it belongs.
struct CallHalf {
  var side: CallEnvelope.Side
  /// What it has in common with the other half.
  var call: [UInt8]
  /// The conversation it is of, as far as it tells.
  var continuationId: [UInt8]?
}

/// Halves of calls as elements of the record that their conversation becomes.
///
/// An element is `{"file", "at", "half"}`: the name of the input, the time in its name, and the half's own
/// bytes. What the half has inside strings stands beside it as JSON: `answer`, where the text of the answer
/// is an object, and `question`, the arguments as text where they have neither prompt nor step.
struct CallComposer: ~Copyable {
  var parser: RecordParser
  private var inner: RecordParser

  init() throws(RunError) {
    let parser = try RecordParser()
    let inner = try RecordParser()
    self.parser = parser
    self.inner = inner
  }

  /// What the half in a range says; nil where it is none.
  mutating func half(
    _ bytes: [UInt8], _ range: Range<Int>, file: String
  ) -> CallHalf? {
    guard parser.parse(bytes, range) == nil,
      let call = CallEnvelope(parser.tape.root, of: parser.tape)
    else { return nil }
    var half = CallHalf(side: call.side, call: call.call(inFile: file.utf8, of: parser.tape))
    switch call.side {
    case .request:
      half.continuationId = call.arguments.flatMap { Self.id(in: $0, of: parser.tape) }
    case .response:
      guard parseAnswer(call) else { break }
      let root = inner.tape.root
      let offer = inner.tape.present(root, "continuation_offer")
      half.continuationId =
        offer.flatMap { Self.id(in: $0, of: inner.tape) } ?? Self.id(in: root, of: inner.tape)
    }
    return half
  }

  /// Begins the record that is called by `key`, whose elements are appended next.
  func begin(_ dialect: SourceFormat, _ key: [UInt8], in out: inout [UInt8]) {
    let isLog = dialect == .toolCalls
    out.append(staticText: isLog ? #"{"log":"# : #"{"conversation":"#)
    out.appendJSONString(key)
    out.append(staticText: isLog ? #","records":["# : #","halves":["#)
  }

  func end(in out: inout [UInt8]) { out.append(staticText: "]}") }

  /// Appends an element, made of the bytes of a half or of a log's record.
  ///
  /// - Returns: where in `out` these are.
  mutating func append(
    _ bytes: [UInt8], _ dialect: SourceFormat, file: String, to out: inout [UInt8]
  ) -> Range<Int> {
    dialect == .toolCalls
      ? appendLogged(bytes, to: &out) : appendHalf(bytes, file: file, to: &out)
  }

  private mutating func appendHalf(
    _ bytes: [UInt8], file: String, to out: inout [UInt8]
  ) -> Range<Int> {
    out.append(contentsOf: #"{"file":"#.utf8)
    out.appendJSONString(file.utf8)
    if let time = Self.milliseconds(inName: file) {
      out.append(contentsOf: #","at":"#.utf8)
      out.append(decimal: time)
    }
    out.append(contentsOf: #","half":"#.utf8)
    let start = out.count
    out.append(contentsOf: bytes)
    let range = start..<out.count
    if parser.parse(bytes, 0..<bytes.count) == nil,
      let call = CallEnvelope(parser.tape.root, of: parser.tape)
    {
      appendContents(of: call, to: &out)
    }
    out.append(UInt8(ascii: "}"))
    return range
  }

  private mutating func appendContents(of call: CallEnvelope, to out: inout [UInt8]) {
    switch call.side {
    case .request:
      guard let arguments = call.arguments, call.question(of: parser.tape) == nil else { return }
      out.append(contentsOf: #","question":"#.utf8)
      out.appendJSONString(parser.tape.bytes[parser.tape.sourceRange(arguments)].withoutSpace)
    case .response:
      guard parseAnswer(call) else { return }
      out.append(contentsOf: #","answer":"#.utf8)
      out.append(contentsOf: inner.tape.bytes[inner.tape.sourceRange(inner.tape.root)])
    }
  }

  /// Puts the answer's text on the inner tape; false where it is not an object.
  private mutating func parseAnswer(_ call: CallEnvelope) -> Bool {
    guard let value = call.answer(of: parser.tape) else { return false }
    let text = parser.tape.decoded(value)
    return inner.parse(text, 0..<text.count) == nil && inner.tape.kind(inner.tape.root) == .object
  }

  private static func id(in object: JSONValue, of tape: borrowing JSONTape) -> [UInt8]? {
    guard tape.kind(object) == .object, let id = tape.present(object, "continuation_id"),
      tape.kind(id) == .string, !tape.isBlank(id)
    else { return nil }
    return tape.decoded(id)
  }

  /// The time in a file's name, such as `chat_basic_1759656408805_request.json`: the last thirteen digits
  /// that stand by themselves.
  static func milliseconds(inName name: String) -> Int? {
    let runs = name.utf8.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return runs.last { $0.count == 13 }.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
  }

  /// What stands for a half's index in its id, so that further calls of the conversation move no id: 48 bits
  /// of a digest of what names the call, and which half it is.
  static func occurrence(_ call: [UInt8], _ side: CallEnvelope.Side) -> Int {
    RecordDigest.occurrence(call) << 1 | (side == .response ? 1 : 0)
  }
}
