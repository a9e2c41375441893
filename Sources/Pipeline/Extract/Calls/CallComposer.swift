internal import Crypto

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
  private var parser: RecordParser
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

  /// Appends an element.
  ///
  /// - Returns: where in `out` the half's own bytes are.
  mutating func append(
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
      out.appendJSONString(Self.compact(parser.tape.bytes, parser.tape.sourceRange(arguments)))
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

  /// JSON without the white space between its tokens.
  private static func compact(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
    var scanner = DepthScanner()
    return bytes[range].filter { byte in
      let isInString = scanner.inString
      scanner.step(byte)
      return isInString || !isJSONSpace(byte)
    }
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
    let digest = SHA256.hash(data: call).prefix(6)
    return digest.reduce(0) { $0 << 8 | Int($1) } << 1 | (side == .response ? 1 : 0)
  }
}
